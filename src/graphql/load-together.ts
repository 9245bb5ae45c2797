import type { Context } from './context.ts';

/** A read that waits for the ids of all objects that the operation resolves in this turn. */
interface Batch {
  readonly ids: Set<string>;
  readonly read: Promise<ReadonlyMap<string, unknown>>;
}

/** Reads in progress, by what they read. */
const batches = new WeakMap<Context, Map<string, Batch>>();

/**
 * Returns what `read` finds for an id. What an operation asks for under one name in one turn, for all objects of a page, is
 * read together. Undefined: nothing was found.
 */
export async function loadTogether<Value>(
  context: Context,
  name: string,
  id: string,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): Promise<Value | undefined> {
  const open = batches.get(context) ?? new Map<string, Batch>();
  batches.set(context, open);
  let batch = open.get(name);
  if (batch === undefined) {
    const ids = new Set<string>();
    const reading = Promise.resolve().then(() => {
      open.delete(name);
      return read([...ids]);
    });
    batch = { ids, read: reading };
    open.set(name, batch);
  }
  batch.ids.add(id);
  return (await batch.read).get(id) as Value | undefined;
}
