import { Readable, Writable } from 'node:stream';
import { commandTable } from '../../src/cli/all-commands.ts';
import { runCommand as runTable } from '../../src/cli/run-command.ts';
import { runCommand, type CommandOptions, type CommandRun } from './command.ts';

/** Commands that use no more of their process than `runTable` gives them: no signals, no inherited output. */
const selfContained = new Set([
  ...['issue', 'import', 'list', 'show', 'explain', 'rotate', 'undo', 'renew-key', 'hold', 'resume', 'revoke'],
  ...[
    'timeline',
    'usage',
    'import-freezes',
    'change',
    'operations',
    'keep',
    'renew',
    'realms',
    'accounts',
    'invite',
    'disable',
    'logout',
  ],
]);

/**
 * Runs the real command on its own environment, folder and streams: in this process where the command allows it, which
 * costs a tenth of a process; `isProcess`: in a process in any case.
 */
export async function runCommandHere(
  words: readonly string[],
  { isProcess = false, ...options }: CommandOptions & { readonly isProcess?: boolean },
): Promise<CommandRun> {
  const { home, input = '', env = {}, cwd = home, node } = options;
  if (isProcess || node !== undefined || !selfContained.has(words[0] ?? '')) return runCommand(words, options);
  const [out, err] = [collect(), collect()];
  const folder = process.cwd();
  process.chdir(cwd);
  try {
    const status = await runTable(commandTable, words, {
      env: { PATH: process.env['PATH'], HOME: home, ...env },
      streams: { out: out.stream, err: err.stream },
      input: Readable.from([input]),
    });
    const stdout = out.text();
    return {
      status,
      stdout,
      stderr: err.text(),
      get json() {
        return JSON.parse(stdout);
      },
    };
  } finally {
    process.chdir(folder);
  }
}

function collect(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    chunks.push(chunk);
    done();
  };
  return { stream: new Writable({ write }), text: () => Buffer.concat(chunks).toString('utf8') };
}
