import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** The command's file, as `bin` of the package names it. */
export const COMMAND = join(checkout, 'src', 'cli', 'main.ts');

/** How a run of the command ended, and all that it wrote. */
export interface CommandRun {
  /** Null: a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The answer of `--json`. */
  readonly json: any;
}

/** How the command is run. */
export interface CommandOptions {
  /** The home folder, in which everything lies. */
  readonly home: string;
  /** What comes on its standard input; none: it is empty. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node before the command's file. */
  readonly node?: readonly string[];
}

/** Runs the real command as a process of its own, in an environment of its own. */
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

/** The same, without waiting for its end; it ends with the test. */
export function startCommand(words: readonly string[], { home, env = {}, node = [] }: CommandOptions) {
  const child = spawn(process.execPath, [...node, COMMAND, ...words], {
    cwd: home,
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
