/**
 * Loaded into a process before its own modules (`node --import`). Kills the process, like `kill -9`, right before the
 * call of the operating system or the network with the number KILL_AT; 0 kills never. Logs every such call to KILL_LOG,
 * so that the test knows their number and names. The process under test needs no hook for this.
 */
import childProcess from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const killAt = Number(process.env['KILL_AT']);
const log = process.env['KILL_LOG']!;
let count = 0;
writeFileSync(log, '');

function step(name: string): void {
  count += 1;
  appendFileSync(log, `${name}\n`);
  if (count === killAt) process.kill(process.pid, 'SIGKILL');
}

type Call = (...given: unknown[]) => any;

function counted(name: string, call: Call): Call {
  return (...given) => {
    step(`${name} ${typeof given[0] === 'string' ? basename(given[0]) : ''}`.trim());
    return call(...given);
  };
}

const patched = files as unknown as Record<string, Call>;
for (const name of ['mkdir', 'rm', 'rename', 'unlink', 'readFile', 'realpath', 'stat', 'chown', 'readdir', 'access']) {
  patched[name] = counted(name, patched[name]!.bind(files));
}
const open = patched['open']!.bind(files);
patched['open'] = async (...given) => {
  step(`open ${basename(String(given[0]))}`);
  const handle = await open(...given);
  for (const name of ['writeFile', 'appendFile', 'sync', 'close']) {
    handle[name] = counted(`${name} ${basename(String(given[0]))}`, handle[name].bind(handle));
  }
  return handle;
};
const spawn = childProcess.spawn as unknown as Call;
(childProcess as unknown as Record<string, Call>)['spawn'] = (...given) => {
  step(`spawn ${String((given[1] as string[])[1])}`);
  return spawn(...given);
};
const ask = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const [, operation = 'request'] = /"query":"(?:query|mutation) (\w+)/.exec(String(given[1]?.body)) ?? [];
  step(`ask ${operation}`);
  const response = await ask(...given);
  step(`lose the answer to ${operation}`);
  return response;
};
syncBuiltinESMExports();
