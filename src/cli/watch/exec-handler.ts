import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { EventHandler } from './deliver-event.ts';
import { toEventJson } from './event-json.ts';

/**
 * Creates a handler that runs a command line by /bin/sh for each event, which it passes as a line of JSON on standard
 * input. The event is delivered if the command exits with 0. The command's output goes to standard error.
 */
export function createExecHandler(command: string, env: NodeJS.ProcessEnv): EventHandler {
  return async (cursor, event) => {
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...env, KEYTIDE_EVENT_ID: event.id, KEYTIDE_EVENT_TYPE: event.type },
      stdio: ['pipe', 2, 2],
      // A process group of its own: Ctrl-C reaches only the watch, which lets the command finish.
      detached: true,
    });
    // A command that does not read its standard input closes it (EPIPE).
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(toEventJson(cursor, event))}\n`);
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (status === 0) return;
    const ending = signal === null ? `ended with status ${String(status)}` : `was ended by ${signal}`;
    throw new CommandError(exitStatus.UNAVAILABLE, `the command ${ending}.`);
  };
}
