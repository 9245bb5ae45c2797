import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { expiredAt } from '../domain/key.ts';
import { hardEndOf, mayWorkAgain } from '../domain/life.ts';
import { badUserInput } from '../domain/request-error.ts';
import { includesScope, type Scope } from '../domain/scope.ts';
import type { RequestBounds } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import { nameParent } from './expiry-bounds.ts';
import type { LockedKey } from './lock-key-for-caller.ts';
import { keyState, lifelineOf, scopesOf, type KeyRow } from './key-row.ts';
import { readKey, readKeys } from './lock-key.ts';

// A key that another key issued is its child. It never has wider scopes than its parent and never outlives it, except
// that it keeps its own life when the parent is revoked.

/** What of a key says whether the keys that it issued can still be renewed. */
export type ParentLife = Pick<KeyRow, 'id' | 'expiresAt' | 'expiryBasis' | 'expiredAt' | 'revokedAt'>;

/** Returns the key that issued another key, in its current state; null if a person issued it. */
export async function findParent({ tx, writeRows }: Change, parentId: string | null): Promise<KeyRow | null> {
  if (parentId === null) return null;
  await writeRows();
  return readKey(tx, parentId);
}

/** Limits the bounds of a requested lifetime so that a child does not outlive its parent's HARD end. */
export function limitToParent(request: RequestBounds, parent: KeyRow | null, now: Date): RequestBounds {
  const end = parent && hardEndOf(parent);
  if (end === null) return request;
  const longestMs = Math.min(request.longestMs, end.getTime() - now.getTime());
  return {
    shortestMs: Math.min(request.shortestMs, longestMs),
    longestMs,
    defaultMs: Math.min(request.defaultMs ?? longestMs, longestMs),
  };
}

/** Throws BAD_USER_INPUT if a child would become valid only after its parent's HARD end. */
export function refuseLateStart(parent: KeyRow | null, startsAt: Date): void {
  const end = parent && hardEndOf(parent);
  if (end === null || startsAt < end) return;
  const found = `found ${startsAt.toISOString()}; expected a moment before ${end.toISOString()}`;
  throw badUserInput(`notBefore: ${found}, when the calling key ends.`, ['input', 'notBefore']);
}

/** Returns the failure of a renewal if the key's parent was revoked or has expired; null if the parent is alive or the key has none. */
export function refuseOrphan(
  parent: ParentLife | null,
  caller: Caller,
  now: Date,
): Failure<'RenewalNotAllowed'> | null {
  if (parent === null || (parent.revokedAt === null && expiredAt(parent, now) === null)) return null;
  const found = `This key can no longer be renewed: ${nameParent(parent, caller)}, which issued it, has ended.`;
  return fail('RenewalNotAllowed', found, { details: { allowedAt: null }, remedy: 'Issue a new key.' });
}

/**
 * Returns the failure if narrowing or shortening a key would leave a child with wider scopes or a longer life; null if
 * not. The children are never changed along with their parent: the caller must narrow, shorten or revoke the named
 * child first. Locks the children. A rehearsal, which needs no policies for it, checks nothing.
 */
export async function refuseOutgrownChildren(
  { tx, isRehearsal, writeRows }: Change,
  key: LockedKey,
  { scopes, expiresAt }: { readonly scopes?: readonly Scope[] | null; readonly expiresAt?: Date | null },
): Promise<Failure<'ScopeNotAllowed' | 'ExpiryOutOfBounds'> | null> {
  if (isRehearsal || (scopes == null && expiresAt == null)) return null;
  await writeRows();
  // Locked in the order of their ids, like the keys of a batch of use: no deadlock between the two.
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Key" WHERE "parentId" = ${key.id} ORDER BY id FOR NO KEY UPDATE`;
  const ids = locked.map(({ id }) => id);
  const children = (ids.length === 0 ? [] : await readKeys(tx, ids)).filter(({ revokedAt }) => revokedAt === null);
  for (const child of children.filter((row) => mayWorkAgain(lifelineOf(row), key.now))) {
    const failure = refuseOutgrownChild(child, key, scopes ?? null, expiresAt ?? null);
    if (failure !== null) return failure;
  }
  return null;
}

function refuseOutgrownChild(child: KeyRow, key: LockedKey, scopes: readonly Scope[] | null, expiresAt: Date | null) {
  const subject = `Key ${child.id}, which this key issued,`;
  if (scopes !== null && !scopesOf(child).every((scope) => includesScope(scopes, scope, key.realm))) {
    return fail('ScopeNotAllowed', `${subject} would have wider scopes than this key.`, {
      path: ['input', 'scopes'],
      remedy: 'Narrow or revoke that key first.',
    });
  }
  const end = hardEndOf(child);
  const isOver = keyState(child, key.now) === 'EXPIRED';
  if (expiresAt === null || isOver || (end !== null && end <= expiresAt)) return null;
  return fail('ExpiryOutOfBounds', `${subject} would outlive this key.`, {
    path: ['input', 'expiresAt'],
    remedy: 'Shorten or revoke that key first.',
    details: { earliest: end, latest: hardEndOf(key) },
  });
}
