import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** Signals that are passed on to the command. */
const passedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command with a secret in one variable of its environment, and with the streams of this process. Returns its exit
 * status; 128 and the number of the signal if a signal ended it, as shells do.
 *
 * @throws CommandError UNAVAILABLE if the command cannot be started.
 */
export async function runWithSecret(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  variable: string,
  secret: Sensitive<string>,
): Promise<number> {
  const child = spawn(program, args, { env: { ...env, [variable]: secret.reveal() }, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of passedSignals) process.on(signal, pass);
  try {
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.UNAVAILABLE, `Cannot run ${program} (${code}).`, error);
  } finally {
    for (const signal of passedSignals) process.off(signal, pass);
  }
}
