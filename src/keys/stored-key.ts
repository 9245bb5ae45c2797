import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { KeyState, Lifeline } from '../domain/key.ts';
import { stateOf } from '../domain/key.ts';
import type { Target } from '../domain/permission.ts';
import type { PendingRotation } from '../domain/review.ts';
import { pendingRotation, type Rotation } from '../domain/rotation.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../store/core.ts';

/** What a decision about a key reads with it. */
export const whatDecisionsRead = { realm: true, holds: true, secrets: true } satisfies Prisma.KeyInclude;

export type StoredKey = Prisma.KeyGetPayload<{ include: typeof whatDecisionsRead }>;

/** Reads a key, and keeps all other changes of it waiting until this one has committed. */
export async function lockKey(tx: Transaction, id: string): Promise<StoredKey | null> {
  const locked = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Key" WHERE id = ${id} FOR UPDATE`;
  return locked.length === 0 ? null : tx.key.findUnique({ where: { id }, include: whatDecisionsRead });
}

type LifelineRow = Pick<StoredKey, 'expiresAt' | 'expiryBasis' | 'expiredAt' | 'revokedAt'> & {
  holds: readonly unknown[];
};

export function lifelineOf(key: LifelineRow): Lifeline {
  const { expiresAt, expiryBasis, expiredAt, revokedAt, holds } = key;
  return { expiresAt, expiryBasis, expiredAt, revokedAt, isHeld: holds.length > 0 };
}

export function keyState(key: LifelineRow, now: Date): KeyState {
  return stateOf(lifelineOf(key), now);
}

export function scopesOf(key: Pick<StoredKey, 'scopes'>): readonly Scope[] {
  return key.scopes as unknown as Scope[];
}

/** The account or organization that owns a key. */
export function ownerIdOf(key: Pick<StoredKey, 'accountId' | 'organizationId'>): string {
  const ownerId = key.accountId ?? key.organizationId;
  if (ownerId === null) throw new Error('a key without an owner');
  return ownerId;
}

export function targetOf(
  key: Pick<StoredKey, 'id' | 'realmId' | 'accountId' | 'organizationId' | 'issuedById'>,
): Target {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key), issuedById: key.issuedById };
}

/** What an event says it is about. */
export function subjectOf(key: Pick<StoredKey, 'id' | 'realmId' | 'accountId' | 'organizationId'>) {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) };
}

export function rotationOf(key: StoredKey, now: Date): Rotation<StoredKey['secrets'][number]> | null {
  return pendingRotation(key.secrets, now);
}

/** A pending rotation as the next review's moment needs it. Who has moved is for the review itself to find out. */
export function scheduledRotation(key: StoredKey, now: Date): PendingRotation | null {
  const pending = rotationOf(key, now);
  if (pending === null) return null;
  return {
    retiresAt: pending.retiring.retiresAt,
    graceMs: Number(key.rotationGraceMs ?? 0),
    wasExtended: key.rotationExtended,
    isStalled: false,
  };
}

/** The columns of a key of which no rotation is pending. */
export const noRotation = { rotationStartedAt: null, rotationGraceMs: null, rotationExtended: false };
