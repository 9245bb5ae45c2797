import type { Store } from '../store/prisma.ts';

/** Opens a connection of its own, outside of the pool. */
export async function connect(store: Store) {
  const client = store.openClient();
  await client.connect();
  return client;
}
