import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Answer } from './gateway.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` runs, from any folder. */
const command = (
  JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start.replace('src/entry/serve.ts', join(checkout, 'src', 'entry', 'serve.ts'));

/** The last line of the banner: the gateway listens. */
const READY = /^ {2}Sign in.*\n(?:.*\n)*─{100}\n/m;

/** How a process ended. */
export interface ProcessEnd {
  /** Null: a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A gateway in a process of its own, as `npm start` runs it. */
export interface GatewayProcess {
  readonly id: number;
  /** From the start of the process to its banner. */
  readonly readyMs: number;
  readonly url: string;
  readonly banner: string;
  /** The administrator's password, when it was generated just now. */
  readonly password: string | null;
  /** All that it has written so far. */
  written(): { readonly stdout: string; readonly stderr: string };
  /** Resolves when it has written that to its standard output. */
  wrote(text: string): Promise<void>;
  /** Sends a signal and resolves when the process has gone. */
  end(signal: NodeJS.Signals): Promise<ProcessEnd>;
  readonly ended: Promise<ProcessEnd>;
}

/** Asks a gateway in another process, over HTTP. */
export async function askAt(url: string, query: string, variables: object, credential: string | null = null) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Pick<Answer, 'data' | 'errors'>;
}

/** Starts a gateway in a folder with those settings alone, and comes back when it listens or has ended. */
export async function runGateway(
  folder: string,
  settings: Record<string, string> = {},
  program = command,
): Promise<GatewayProcess | (ProcessEnd & { readonly stdout: string; readonly stderr: string })> {
  const startedAtMs = performance.now();
  const child = spawn('/bin/sh', ['-c', program], {
    cwd: folder,
    env: {
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      NODE_COMPILE_CACHE: join(checkout, 'node_modules', '.cache', 'keytided'),
      PORT: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([status, signal]): ProcessEnd => ({ status, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const isWritten = async (isThere: () => boolean) => {
    while (!isThere()) await once(child.stdout, 'data');
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const refusal = await Promise.race([isWritten(() => READY.test(stdout)), ended]);
  if (refusal !== undefined) return { ...refusal, stdout, stderr };
  const banner = stdout.slice(stdout.indexOf('── Keytide'));
  return {
    id: child.pid!,
    readyMs: performance.now() - startedAtMs,
    url: /http:\S+(?=\/graphql)/.exec(banner)![0],
    banner,
    password: /with the password {2}(\S+)/.exec(banner)?.[1] ?? null,
    written: () => ({ stdout, stderr }),
    wrote: (text) => isWritten(() => stdout.includes(text)),
    end(signal) {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}

/** The same for a gateway that is expected to run. */
export async function startGateway(
  folder: string,
  settings: Record<string, string> = {},
  program?: string,
): Promise<GatewayProcess> {
  const gateway = await runGateway(folder, settings, program);
  if ('url' in gateway) return gateway;
  throw new Error(`the gateway ended with ${gateway.status ?? gateway.signal}: ${gateway.stderr}${gateway.stdout}`);
}

/** The same for one that is expected to refuse. */
export async function refusedGateway(folder: string, settings: Record<string, string> = {}) {
  const gateway = await runGateway(folder, settings);
  if ('url' in gateway) throw new Error('the gateway started');
  return gateway;
}

/** Whether a process runs: one that has ended and was not waited for by whoever inherited it does not. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}
