import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Frees all objects that nothing refers to, in the next turn: a weak reference holds its target to the end of the turn. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose_gc');
  await setImmediate();
  collect();
}
