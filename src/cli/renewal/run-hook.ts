import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describeDuration, SECOND_MS } from '../../domain/duration.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { redact } from '../../logging/redact.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { plainLine, type Output } from '../output.ts';

/** Environment variables for hooks and deploy commands. Never holds a secret. */
export type HookVariables = Readonly<Record<string, string>>;

/** The step at which a hook runs. */
export type HookStep = 'before' | 'deploy' | 'prove' | 'after';

/**
 * Runs a command line by /bin/sh with variables in its environment. A secret, if given, is passed on standard input and
 * nowhere else. The command's output is shown with secrets redacted.
 *
 * @throws CommandError if the command does not exit with 0 within its time limit: TEMPORARY if it exits with 75, else
 *   UNAVAILABLE.
 */
export type RunHook = (
  step: HookStep,
  command: string,
  variables: HookVariables,
  secret?: Sensitive<string> | null,
) => Promise<void>;

/** How long to read remaining output after a hook has exited. */
const OUTPUT_DRAIN_MS = SECOND_MS;

/** Signals that end this process; the hook is killed first. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Creates a hook runner with an environment, a time limit in ms for each hook, and the folder in which hooks run;
 * default: the folder of this process.
 */
export function createHookRunner(
  env: NodeJS.ProcessEnv,
  output: Output,
  limitMs: number,
  folder = process.cwd(),
): RunHook {
  return async (step, command, variables, secret = null) => {
    await requireFolder(folder);
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { ...env, ...variables, KEYTIDE_STEP: step },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that everything the hook started is killed with it.
      detached: true,
    });
    const killAndForward = (signal: NodeJS.Signals) => {
      killGroup(child);
      process.kill(process.pid, signal);
    };
    for (const signal of endSignals) process.once(signal, killAndForward);
    const timers = [setTimeout(() => killGroup(child), limitMs)];
    try {
      // A command that does not read its standard input closes it (EPIPE).
      child.stdin.on('error', () => undefined);
      child.stdin.end(secret === null ? '' : `${secret.reveal()}\n`);
      const readers = [child.stdout, child.stderr].map((stream) => noteLines(stream, step, output));
      const outputEnd = Promise.all(readers.map(({ ended }) => ended));
      const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      // A background process may hold the output open for ever, so stop reading after a while.
      timers.push(setTimeout(() => readers.forEach(({ close }) => close()), OUTPUT_DRAIN_MS));
      await outputEnd;
      if (status !== 0) throw hookError(step, status, signal, limitMs);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      for (const signal of endSignals) process.off(signal, killAndForward);
    }
  };
}

async function requireFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => null);
  if (stats?.isDirectory() === true) return;
  throw new CommandError(exitStatus.CONFIG, `The folder ${folder}, in which hooks run (hookFolder), does not exist.`);
}

function noteLines(
  stream: Readable,
  step: HookStep,
  output: Output,
): { readonly ended: Promise<unknown>; close(): void } {
  const lines = createInterface(stream);
  lines.on('line', (line) => output.note(`  ${step}: ${redact(plainLine(line))}`));
  return {
    ended: once(lines, 'close'),
    close() {
      lines.close();
      stream.destroy();
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The process group has ended already.
  }
}

function hookError(step: HookStep, status: number | null, signal: string | null, limitMs: number): CommandError {
  const ending =
    signal === null
      ? `ended with status ${String(status)}`
      : `was ended by ${signal}; its time limit is ${describeDuration(limitMs)}`;
  const isPassing = status === exitStatus.TEMPORARY;
  return new CommandError(isPassing ? exitStatus.TEMPORARY : exitStatus.UNAVAILABLE, `The ${step} hook ${ending}.`);
}
