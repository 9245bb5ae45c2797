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

/** The order in which the holds of a key are read wherever they are shown. */
export const orderedHolds = { orderBy: [{ since: 'asc' }, { id: 'asc' }] } satisfies Prisma.Key$holdsArgs;

/** The relations of a key from which its combined verdict follows. */
export const verdictRelations = { realm: { include: { freezes: true } }, judgement: true } satisfies Prisma.KeyInclude;

/** The columns and holds of a key that say whether it works, and when it stops. */
export const lifelineSelect = {
  id: true,
  createdAt: true,
  activeAt: true,
  chosenExpiresAt: true,
  expiresAt: true,
  expiryBasis: true,
  expiredAt: true,
  revokedAt: true,
  stopsAt: true,
  holds: orderedHolds,
} satisfies Prisma.KeySelect;

/** The relations that are read with a key's row to decide about the key. */
export const keyRowInclude = {
  ...verdictRelations,
  holds: true,
  secrets: true,
  labels: true,
} satisfies Prisma.KeyInclude;

export type KeyRow = Prisma.KeyGetPayload<{ include: typeof keyRowInclude }>;

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

export function scopesOf(key: Pick<KeyRow, 'scopes'>): readonly Scope[] {
  return key.scopes as unknown as Scope[];
}

/** The columns of a key that name its owner: one of them is not null. */
export type OwnerColumns = Pick<KeyRow, 'accountId' | 'organizationId' | 'subjectId'>;

/** Returns the account, organization or subject that owns a key. */
export function ownerIdOf(key: OwnerColumns): string {
  const ownerId = key.accountId ?? key.organizationId ?? key.subjectId;
  if (ownerId === null) throw new Error('the key has no owner');
  return ownerId;
}

/** Returns the columns of a key that name its owner. */
export function ownerColumnsOf({ kind, id }: { readonly kind: string; readonly id: string }): OwnerColumns {
  return {
    accountId: kind === 'account' ? id : null,
    organizationId: kind === 'organization' ? id : null,
    subjectId: kind === 'subject' ? id : null,
  };
}

export function keyTargetOf(key: OwnerColumns & Pick<KeyRow, 'id' | 'realmId' | 'issuedById'>): Target {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key), issuedById: key.issuedById };
}

/** Returns the fields of an event that identify the key, its realm and its owner. */
export function eventSubjectOf(key: OwnerColumns & Pick<KeyRow, 'id' | 'realmId'>) {
  return { keyId: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) };
}

export function rotationOf<S extends SecretGeneration>(
  key: { readonly secrets: readonly S[] },
  now: Date,
): Rotation<S> | null {
  return findPendingRotation(key.secrets, now);
}

type RotationRow = Pick<KeyRow, 'rotationStartedAt' | 'rotationGraceMs' | 'rotationExtended'>;

/** Returns the rotation whose end no review has recorded; null: none. The old secret may already have retired. */
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

/** The rotation columns of a key that has no pending rotation. */
export const noRotation = { rotationStartedAt: null, rotationGraceMs: null, rotationExtended: false };
