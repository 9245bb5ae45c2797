import { fail, type Failure } from '../domain/failure.ts';
import { expiredAt } from '../domain/key.ts';
import { mayWorkAgain } from '../domain/life.ts';
import { includesScope, type Scope } from '../domain/scope.ts';
import type { RequestBounds } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { LockedKey } from './lock-key-for-caller.ts';
import { hardEndOf, keyState, lifelineOf, scopesOf, keyRowInclude, type KeyRow } from './key-row.ts';

// A key that another key issued is its child: never wider than it, and never longer.

/** The key that issued another one, as it is now; null for one that a person issued. */
export async function findParent({ tx }: Change, parentId: string | null): Promise<KeyRow | null> {
  return parentId === null ? null : tx.key.findUnique({ where: { id: parentId }, include: keyRowInclude });
}

/** What may be asked for: policy's bounds, and for a child no longer than its parent's own life. */
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

/** Why a child is not renewed: its parent has ended, and it is to live no longer. Null: it may be. */
export function refuseOrphan(parent: KeyRow | null, now: Date): Failure | null {
  if (parent === null || (parent.revokedAt === null && expiredAt(lifelineOf(parent), now) === null)) return null;
  const found = `Key ${parent.id}, which issued this one, has ended; no key lives longer than the one that issued it.`;
  return fail('RenewalNotAllowed', found, { details: { allowedAt: null } });
}

/**
 * Why a key may not get less than it has: a child would be wider, or live longer. The child is never cut in passing: who
 * wants that changes or revokes it first, by name. Null: none would.
 */
export async function refuseOutgrownChildren(
  { tx }: Change,
  key: LockedKey,
  { scopes, expiresAt }: { readonly scopes?: readonly Scope[] | null; readonly expiresAt?: Date | null },
): Promise<Failure | null> {
  if (scopes == null && expiresAt == null) return null;
  // In the order in which use is written, so that the two never wait for each other in a circle.
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE "parentId" = ${key.id} ORDER BY id FOR NO KEY UPDATE`;
  const children = await tx.key.findMany({ where: { parentId: key.id, revokedAt: null }, include: keyRowInclude });
  for (const child of children.filter((one) => mayWorkAgain(lifelineOf(one), key.now))) {
    const failure = refuseOutgrownChild(child, key, scopes ?? null, expiresAt ?? null);
    if (failure !== null) return failure;
  }
  return null;
}

function refuseOutgrownChild(child: KeyRow, key: LockedKey, scopes: readonly Scope[] | null, expiresAt: Date | null) {
  const who = `Key ${child.id}, which this key issued,`;
  if (scopes !== null && !scopesOf(child).every((scope) => includesScope(scopes, scope, key.realm))) {
    return fail('ScopeNotAllowed', `${who} would be wider than this one. Narrow or revoke it first.`, {
      path: ['input', 'scopes'],
    });
  }
  const end = hardEndOf(child);
  const isOver = keyState(child, key.now) === 'EXPIRED';
  if (expiresAt === null || isOver || (end !== null && end <= expiresAt)) return null;
  return fail('ExpiryOutOfBounds', `${who} would live longer than this one. Shorten or revoke it first.`, {
    path: ['input', 'expiresAt'],
    details: { earliest: end, latest: hardEndOf(key) },
  });
}
