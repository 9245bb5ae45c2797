import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { EventHandler } from './deliver-event.ts';
import { toEventJson } from './event-json.ts';

/**
 * Runs a line by /bin/sh for each event, which is on its standard input as one line of JSON. It has taken the event when it ends
 * with 0. What it writes goes to standard error.
 */
export function createExecHandler(command: string, env: NodeJS.ProcessEnv): EventHandler {
  return async (cursor, event) => {
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...env, KEYTIDE_EVENT_ID: event.id, KEYTIDE_EVENT_TYPE: event.type },
      stdio: ['pipe', 2, 2],
      // A group of its own: Ctrl-C is for the watch, which lets it finish.
      detached: true,
    });
    // Whoever does not read its standard input closes it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(toEventJson(cursor, event))}\n`);
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (status === 0) return;
    const how = signal === null ? `ended with status ${String(status)}` : `was ended by ${signal}`;
    throw new CommandError(exitStatus.UNAVAILABLE, `the command ${how}.`);
  };
}
