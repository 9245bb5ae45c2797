import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { KeyState, KeyLifecycle } from '../domain/key.ts';
import { stateOf } from '../domain/key.ts';
import type { Target } from '../domain/permission.ts';
import {
  findCurrentSecret,
  findPendingRotation,
  type OpenRotation,
  type Rotation,
  type SecretGeneration,
} from '../domain/rotation.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../store/core.ts';

/** What a decision about a key reads with it. */
export const keyRowInclude = {
  realm: { include: { freezes: true } },
  holds: true,
  secrets: true,
  labels: true,
  judgement: true,
} satisfies Prisma.KeyInclude;

export type KeyRow = Prisma.KeyGetPayload<{ include: typeof keyRowInclude }>;

/**
 * Reads a key, and keeps all other changes of it waiting until this one has committed. Rows that only point at it, such as
 * an event or a child, need not wait, so that no circle of waiting goes through them.
 */
export async function lockKey(tx: Transaction, id: string): Promise<KeyRow | null> {
  const locked = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Key" WHERE id = ${id} FOR NO KEY UPDATE`;
  return locked.length === 0 ? null : tx.key.findUnique({ where: { id }, include: keyRowInclude });
}

/** The same of several keys, in the order of their ids. */
export async function lockKeys(tx: Transaction, ids: readonly string[]): Promise<KeyRow[]> {
  await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ANY(${[...ids]}) ORDER BY id FOR NO KEY UPDATE`;
  return tx.key.findMany({ where: { id: { in: [...ids] } }, include: keyRowInclude });
}

type LifelineRow = Pick<KeyRow, 'expiresAt' | 'expiryBasis' | 'expiredAt' | 'revokedAt'> & {
  holds: readonly unknown[];
};

export function lifelineOf(key: LifelineRow): KeyLifecycle {
  const { expiresAt, expiryBasis, expiredAt, revokedAt, holds } = key;
  return { expiresAt, expiryBasis, expiredAt, revokedAt, isHeld: holds.length > 0 };
}

export function keyState(key: LifelineRow, now: Date): KeyState {
  return stateOf(lifelineOf(key), now);
}

/** The moment at which time alone ends a key; null: none is known. */
export function hardEndOf({ expiresAt, expiryBasis }: Pick<KeyRow, 'expiresAt' | 'expiryBasis'>): Date | null {
  return expiryBasis === 'HARD' ? expiresAt : null;
}

export function scopesOf(key: Pick<KeyRow, 'scopes'>): readonly Scope[] {
  return key.scopes as unknown as Scope[];
}

/** The account or organization that owns a key. */
export function ownerIdOf(key: Pick<KeyRow, 'accountId' | 'organizationId'>): string {
  const ownerId = key.accountId ?? key.organizationId;
  if (ownerId === null) throw new Error('a key without an owner');
  return ownerId;
}

export function keyTargetOf(
  key: Pick<KeyRow, 'id' | 'realmId' | 'accountId' | 'organizationId' | 'issuedById'>,
): Target {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key), issuedById: key.issuedById };
}

/** What an event says it is about. */
export function keyEventFields(key: Pick<KeyRow, 'id' | 'realmId' | 'accountId' | 'organizationId'>) {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) };
}

export function rotationOf(key: KeyRow, now: Date): Rotation<KeyRow['secrets'][number]> | null {
  return findPendingRotation(key.secrets, now);
}

type RotationRow = Pick<KeyRow, 'rotationStartedAt' | 'rotationGraceMs' | 'rotationExtended'>;

/** The rotation that a key's row speaks of, whose end has not been recorded; its moment may have passed since. */
export function recordedRotation<S extends SecretGeneration>(
  key: RotationRow & { readonly secrets: readonly S[] },
): { current: S; retiring: S; pending: Omit<OpenRotation, 'movedAt'> } | null {
  if (key.rotationStartedAt === null) return null;
  const [last] = key.secrets
    .flatMap((secret) => (secret.retiresAt === null ? [] : [{ secret, retiresAt: secret.retiresAt }]))
    .sort((a, b) => b.retiresAt.getTime() - a.retiresAt.getTime());
  if (last === undefined) return null;
  const { secret: retiring, retiresAt } = last;
  const graceMs = Number(key.rotationGraceMs ?? 0);
  const pending = { generation: retiring.generation, retiresAt, graceMs, wasExtended: key.rotationExtended };
  return { current: findCurrentSecret(key.secrets), retiring, pending };
}

/** The columns of a key of which no rotation is pending. */
export const noRotation = { rotationStartedAt: null, rotationGraceMs: null, rotationExtended: false };
