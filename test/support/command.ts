import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Path of the command, as in the package's `bin`. */
export const COMMAND = join(checkout, 'src', 'cli', 'keytide.ts');

/** The exit status and the output of a run of the command. */
export interface CommandRun {
  /** Null: a signal ended the process. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The parsed output of `--json`. */
  readonly json: any;
}

/** Options of a run of the command. */
export interface CommandOptions {
  /** The home folder, which holds all its files. */
  readonly home: string;
  /** Its standard input; default: empty. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder in which it runs; default: the home folder. */
  readonly cwd?: string;
  /** Options of Node. */
  readonly node?: readonly string[];
}

/** Runs the real command as a process with its own environment. */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<CommandRun> {
  const child = startCommand(words, options);
  const written = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [status] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = await written;
  return {
    status,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout);
    },
  };
}

/** Starts the command without waiting for its exit. The process is killed at the end of the test. */
export function startCommand(words: readonly string[], { home, cwd = home, env = {}, node = [] }: CommandOptions) {
  const child = spawn(process.execPath, [...node, COMMAND, ...words], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      NODE_COMPILE_CACHE: join(checkout, 'node_modules', '.cache', 'keytide'),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
