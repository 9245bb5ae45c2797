import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describeDuration, SECOND_MS } from '../../domain/duration.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { redact } from '../../redact.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { plainLine, type Output } from '../output.ts';

/** What a hook and a deployer may know, by the names of environment variables. No secret is among them. */
export type HookVariables = Readonly<Record<string, string>>;

/** When a hook is run. */
export type HookStep = 'before' | 'deploy' | 'prove' | 'after';

/**
 * Runs a line by /bin/sh with facts in its environment; a secret, where one is given, is on its standard input and nowhere
 * else. What it writes is noted without what looks like a secret.
 *
 * @throws CommandError when it does not end with 0 in time: TEMPORARY when it ended with 75, else UNAVAILABLE.
 */
export type RunHook = (
  step: HookStep,
  command: string,
  facts: HookVariables,
  secret?: Sensitive<string> | null,
) => Promise<void>;

/** For how long it is listened to what a hook still says when it has ended. */
const OUTPUT_DRAIN_MS = SECOND_MS;

/** A signal that ends us ends what we run first. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Hooks in this environment, each with that long, in ms. */
export function createHookRunner(env: NodeJS.ProcessEnv, output: Output, limitMs: number): RunHook {
  return async (step, command, facts, secret = null) => {
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...env, ...facts, KEYTIDE_STEP: step },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that all that it started ends with it.
      detached: true,
    });
    const forward = (signal: NodeJS.Signals) => {
      killGroup(child);
      process.kill(process.pid, signal);
    };
    for (const signal of endSignals) process.once(signal, forward);
    const timers = [setTimeout(() => killGroup(child), limitMs)];
    try {
      // Whoever does not read its standard input closes it.
      child.stdin.on('error', () => undefined);
      child.stdin.end(secret === null ? '' : `${secret.reveal()}\n`);
      const noted = [child.stdout, child.stderr].map((stream) => noteLines(stream, step, output));
      const closed = Promise.all(noted.map(({ ended }) => ended));
      const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      // What it has left running may keep its output open for ever, and nobody would get past it.
      timers.push(setTimeout(() => noted.forEach(({ close }) => close()), OUTPUT_DRAIN_MS));
      await closed;
      if (status !== 0) throw hookError(step, status, signal, limitMs);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      for (const signal of endSignals) process.off(signal, forward);
    }
  };
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
    // It has ended already.
  }
}

function hookError(step: HookStep, status: number | null, signal: string | null, limitMs: number): CommandError {
  const how =
    signal === null
      ? `ended with status ${String(status)}`
      : `was ended by ${signal}; it may take ${describeDuration(limitMs)}`;
  const isPassing = status === exitStatus.TEMPORARY;
  return new CommandError(isPassing ? exitStatus.TEMPORARY : exitStatus.UNAVAILABLE, `The ${step} hook ${how}.`);
}
