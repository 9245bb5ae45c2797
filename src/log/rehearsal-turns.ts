/** How long a rehearsal waits for the one before it: a module that takes long delays no other change for longer. */
const WAIT_MAX_MS = 1_000;

/** The last rehearsal of each name that runs or waits in this process. */
const last = new Map<string, Promise<unknown>>();

/**
 * Runs a rehearsal when the one of the same name before it has ended in this process, or after a second. For changes of many
 * keys: side by side, two of them take twice as long to rehearse, and are then written at the same time while this process waits.
 * In turn, one is rehearsed while the other is written.
 */
export async function rehearseInTurn<T>(name: string, rehearse: () => Promise<T>): Promise<T> {
  const rehearsed = waitFor(last.get(name)).then(rehearse);
  const ended = rehearsed.catch(() => undefined);
  last.set(name, ended);
  try {
    return await rehearsed;
  } finally {
    if (last.get(name) === ended) last.delete(name);
  }
}

async function waitFor(before: Promise<unknown> | undefined): Promise<void> {
  if (before === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, WAIT_MAX_MS);
  await Promise.race([before, promise]);
  clearTimeout(timer);
}
