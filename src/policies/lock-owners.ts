import { RetryChange, type Change } from '../log/change.ts';
import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';

// Advisory locks, not locks of rows: an owner for whom keys are issued all the time can sign in, and can be disabled,
// because advisory locks are granted in the order of the requests.

const lockNumber = Prisma.sql`hashtextextended('owner ' || o.id, 0)`;

const sharedOwners = new WeakMap<Transaction, Set<string>>();

/**
 * Makes changes of what these owners may do (`lockOwner`) wait until the transaction ends, or waits for one. Read the
 * owners after it, in another statement: a key is then never issued for an account that is disabled, and the change that
 * disables the account finds the key. Call it once in a change: a second call could deadlock. Sends no statement for
 * owners that the transaction has shared before.
 */
export async function shareOwners({ tx, isRehearsal }: Change, ownerIds: readonly string[]): Promise<void> {
  const ids = listUnshared(tx, ownerIds);
  if (isRehearsal || ids.length === 0) return;
  await waitForOwners(tx, ids);
  noteShared(tx, ids);
}

/**
 * Shares owners as `shareOwners` does, but waits outside of the transaction, which other changes may share.
 *
 * @throws RetryChange if the change has to wait.
 */
export async function tryShareOwners({ core, tx, isRehearsal }: Change, ownerIds: readonly string[]): Promise<void> {
  const ids = listUnshared(tx, ownerIds);
  if (isRehearsal || ids.length === 0) return;
  const [{ isFree }] = await tx.$queryRaw<[{ isFree: boolean }]>`SELECT ${tryLocks(ids)} AS "isFree"`;
  if (!isFree) throw new RetryChange(`owners ${ids.join()}`, () => waitForOwners(core.prisma, ids));
  noteShared(tx, ids);
}

/** Returns an expression that shares owners if it need not wait, and is true if it has shared all of them. */
export function tryLocks(ownerIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`(
    SELECT coalesce(bool_and(pg_try_advisory_xact_lock_shared(${lockNumber})), true)
    FROM unnest(${[...ownerIds]}::text[]) o(id))`;
}

async function waitForOwners(on: Transaction, ownerIds: readonly string[]): Promise<void> {
  await on.$queryRaw`
    SELECT pg_advisory_xact_lock_shared(${lockNumber})::text FROM unnest(${[...ownerIds]}::text[]) o(id)`;
}

/** Returns the owners that the transaction has not shared yet. */
export function listUnshared(tx: Transaction, ownerIds: readonly string[]): readonly string[] {
  const shared = sharedOwners.get(tx);
  return [...new Set(ownerIds)].filter((id) => shared?.has(id) !== true).toSorted();
}

/** Notes that the transaction has shared owners. */
export function noteShared(tx: Transaction, ownerIds: readonly string[]): void {
  if (ownerIds.length === 0) return;
  const shared = sharedOwners.get(tx) ?? new Set();
  sharedOwners.set(tx, shared);
  for (const id of ownerIds) shared.add(id);
}

/**
 * Waits until no key is being issued for an owner, and makes later issues wait for this transaction. For an account, its
 * organizations are included.
 */
export async function lockOwner(tx: Transaction, ownerId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock(${lockNumber})::text FROM (
      SELECT id COLLATE "C" FROM (
        SELECT ${ownerId}::text UNION SELECT "organizationId" FROM "Membership" WHERE "accountId" = ${ownerId}) all_of(id)
      ORDER BY 1) o(id)`;
}
