import type { Client } from 'pg';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import { maintainLog } from '../../src/log/maintain-log.ts';
import type { OpenCore } from './core.ts';
import { untypedDraft, type UntypedDraft } from './untyped-draft.ts';

/** Connections of one's own to a core's database. */
export function connectTo({ store }: Pick<OpenCore, 'store'>): () => Promise<Client> {
  return async () => {
    const client = store.openClient();
    await client.connect();
    return client;
  };
}

/** Makes the log of an empty database lie in partitions of so many positions, one to begin with. */
export async function usePartitionSize({ prisma }: Pick<OpenCore, 'prisma'>, size: number): Promise<void> {
  await prisma.$executeRawUnsafe('DROP TABLE "Event_1"');
  await prisma.$executeRawUnsafe(`CREATE TABLE "Event_1" PARTITION OF "Event" FOR VALUES FROM (1) TO (${size + 1})`);
}

/** Looks after the log as a node does, with partitions of so many positions. */
export function maintainPartitions(core: OpenCore, size: number, retentionMs: number | null): Promise<void> {
  const { signal } = new AbortController();
  return maintainLog({ clock: core.clock, connect: connectTo(core), retentionMs, signal, partitionSize: BigInt(size) });
}

/** Tells of events, each in a change of its own; what is given of one replaces what is usual. */
export async function recordEvents(core: OpenCore, ...drafts: readonly Partial<UntypedDraft>[]): Promise<void> {
  for (const draft of drafts) {
    const event = untypedDraft({ type: 'KEY_UPDATED', at: core.clock.now(), actor: systemActor, ...draft });
    await change(core, async ({ record }) => record(event));
  }
}

/** The partitions that there are, with their bounds; of one that is no longer part of the log, that it is detached. */
export async function listPartitionsOf({ prisma }: Pick<OpenCore, 'prisma'>): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ line: string }[]>`
    SELECT relname || ' ' || coalesce(pg_get_expr(relpartbound, oid), 'detached') AS line FROM pg_class
    WHERE relname ~ '^Event_[0-9]+$' ORDER BY substr(relname, 7)::int`;
  return rows.map(({ line }) => line.replaceAll(/FOR VALUES |\('|'\)/g, ''));
}
