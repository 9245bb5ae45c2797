import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { EventDraft } from '../domain/event-detail.ts';
import { change, type Change } from '../log/change.ts';
import { createPartitionsAhead, PARTITION_SIZE } from '../log/partitions.ts';
import type { Core } from '../store/core.ts';
import {
  readDatabaseHistory,
  readEventIds,
  readLastPosition,
  type DatabaseHistory,
} from '../store/database-history.ts';
import { StoreError } from '../store/store-error.ts';
import { compareJournal, findNewest, selectHistories, type JournalFit } from './compare-journal.ts';
import type { EventEntry, JournaledEvent } from './journal-entry.ts';
import type { JournalFile } from './journal-file.ts';
import type { JournalHistory } from './journal-histories.ts';
import { CHECKPOINT_EVERY } from './journal-writer.ts';
import { readMissing } from './read-missing.ts';
import { endSessions, replayEvent } from './replay-event.ts';
import { replayKey } from './replay-key.ts';

/** Number of keys that are replayed in one transaction. */
const BATCH_SIZE = 200;

/** What the replay of a journal changed. */
export interface ReconcileResult {
  /** Keys that were revoked, held, resumed, rotated or narrowed as the journal says. */
  readonly keyCount: number;
  /** Keys in the journal that the backup does not have: they were issued after it. */
  readonly unknownKeyCount: number;
  /** Accounts, members, webhooks, issuers and rules that were ended or narrowed. */
  readonly otherCount: number;
  /** Accounts whose password was changed since the backup: they cannot sign in before it is reset. */
  readonly passwordCount: number;
  readonly endedSessionCount: number;
  /** Set if the journal begins after the backup: what happened at these positions of the log is not in it. */
  readonly missing: { readonly from: string; readonly to: string } | null;
}

export interface ReconcileParts {
  readonly core: Core;
  /** A connection of its own. */
  readonly client: Client;
  readonly journal: JournalFile;
}

/** Returns how the journal and the database fit. */
export async function checkJournal(client: Pick<Client, 'query'>, journal: JournalFile): Promise<JournalFit> {
  const findEventId = async (position: bigint) => (await readEventIds(client, [position])).get(position) ?? null;
  return await compareJournal(journal.histories, await readDatabaseHistory(client), findEventId);
}

/**
 * Replays the journal of revocations on a restored database, whose nodes must be stopped. It continues an attempt that
 * was interrupted, and changes nothing where there is nothing to replay. The database then begins another history, whose
 * positions are after all that the lost one can have given.
 *
 * Throws a StoreError if the journal has nothing of this database.
 */
export async function reconcile({ core, client, journal }: ReconcileParts): Promise<ReconcileResult> {
  const fit = await checkJournal(client, journal);
  if (fit === 'NEW')
    throw new StoreError(
      `Journal of revocations ${journal.path}: found no entries of this database; expected its journal: restore the file from a copy, or name it in KEYTIDE_REVOCATION_JOURNAL.`,
    );
  const nothing = {
    keyCount: 0,
    unknownKeyCount: 0,
    otherCount: 0,
    passwordCount: 0,
    endedSessionCount: 0,
    missing: null,
  };
  if (fit !== 'OLDER') return nothing;
  const database = await readDatabaseHistory(client);
  const { keys, others, gap } = await readMissing(journal.path, journal.histories, database, {
    findEventIds: (positions) => readEventIds(client, positions),
    findLastPosition: (upTo) => readLastPosition(client, upTo),
  });
  const [newest] = findNewest(selectHistories(journal.histories, database)).toSorted((a, b) =>
    a.position > b.position ? -1 : 1,
  );
  if (newest === undefined) return nothing;
  await skipPositions(client, newest.position + CHECKPOINT_EVERY);

  let keyCount = 0;
  let unknownKeyCount = 0;
  const ids = [...keys.keys()].toSorted();
  for (let at = 0; at < ids.length; at += BATCH_SIZE) {
    const batch = new Map(ids.slice(at, at + BATCH_SIZE).map((id) => [id, keys.get(id) ?? []]));
    const result = await change(core, (change) => replayKeys(change, batch));
    keyCount += result.keyCount;
    unknownKeyCount += batch.size - result.foundCount;
  }
  const rest = await change(core, async (change) => {
    let otherCount = 0;
    let passwordCount = 0;
    for (const { event } of others) {
      if (!(await replayEvent(change, event))) continue;
      if (event.type === 'ACCOUNT_PASSWORD_CHANGED') passwordCount += 1;
      else otherCount += 1;
      change.record(toDraft(event));
    }
    const endedSessionCount = await endSessions(change);
    await beginHistory(change, database, newest);
    return { otherCount, passwordCount, endedSessionCount };
  });
  const missing = gap && { from: String(gap.from), to: String(gap.to) };
  return { keyCount, unknownKeyCount, ...rest, missing };
}

async function replayKeys(
  change: Change,
  batch: ReadonlyMap<string, readonly EventEntry[]>,
): Promise<{ readonly keyCount: number; readonly foundCount: number }> {
  const { tx } = change;
  const ids = [...batch.keys()];
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ANY(${ids}) ORDER BY id FOR NO KEY UPDATE`;
  const found = await tx.key.findMany({ where: { id: { in: ids } }, include: { holds: true, secrets: true } });
  let keyCount = 0;
  const replayed: EventEntry[] = [];
  for (const key of found) {
    const entries = batch.get(key.id) ?? [];
    const newest = entries.findLast((entry) => entry.key !== null);
    if (newest?.key == null) continue;
    if (!(await replayKey(change, key, newest.key, new Date(newest.event.at)))) continue;
    keyCount += 1;
    replayed.push(...entries.filter(({ event }) => isReplayed(event)));
  }
  const inOrder = replayed.toSorted((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  change.record(...inOrder.map(({ event }) => toDraft(event)));
  return { keyCount, foundCount: found.length };
}

/** Returns whether the event describes what a replay changes. Renewals and new names are not restored. */
function isReplayed({ type, data }: JournaledEvent): boolean {
  if (type === 'KEY_RENEWED') return false;
  if (type !== 'KEY_UPDATED') return true;
  const { changed } = data as { readonly changed?: readonly string[] };
  return changed?.some((field) => field === 'scopes' || field === 'expiresAt') === true;
}

/** Returns an event of the journal as a new event: it gets a position and an id of this history. */
function toDraft({ type, at, keyId, realmId, ownerId, actorKind, actorId, actorName, reason, data }: JournaledEvent) {
  const actor = { kind: actorKind, id: actorId, name: actorName };
  return { type, at: new Date(at), keyId, realmId, ownerId, actor, reason, data } as unknown as EventDraft;
}

/** Moves the head of the log to a position, and makes the partitions for what follows. */
async function skipPositions(client: Client, position: bigint): Promise<void> {
  const { head, oldest } = await readDatabaseHistory(client);
  const next = head > position ? head : position;
  await createPartitionsAhead(client, { head: next, oldest }, PARTITION_SIZE);
  await client.query('UPDATE "LogHead" SET position = greatest(position, $1) WHERE id = 1', [next]);
}

/** Records that the journal was replayed, as the last step: before it the database counts as older than its journal. */
async function beginHistory(
  { tx, now }: Change,
  { lineages }: DatabaseHistory,
  { lineage, position }: JournalHistory,
): Promise<void> {
  // The journal of another node of the same lost database was replayed before.
  const known = lineages.find(({ parentId }) => parentId === lineage);
  const replayedTo = position;
  if (known !== undefined) return void (await tx.lineage.update({ where: { id: known.id }, data: { replayedTo } }));
  const { _max: newest } = await tx.lineage.aggregate({ _max: { beganAt: true } });
  const beganAt = new Date(Math.max(now().getTime(), (newest.beganAt?.getTime() ?? 0) + 1)); // the present history is the newest one
  await tx.lineage.create({ data: { id: randomUUID(), parentId: lineage, replayedTo, beganAt } });
}
