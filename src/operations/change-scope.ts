import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { liveKeys } from '../keys/live-keys.ts';
import type { Change } from '../log/change.ts';
import type { KeyChangeKind, OperationCore, StoredFilter } from './stored-operation.ts';

/** Whose keys an operation may change. */
export interface ChangeScope {
  readonly realmId: string;
  /** Null: the keys of all owners. */
  readonly organizationId: string | null;
}

/**
 * Finds whose keys a caller may change many of: an administrator those of a realm, an OWNER or ADMIN those of the
 * organization that the filter names as the owner.
 *
 * @throws FORBIDDEN for all other callers, keys included.
 */
export async function findChangeScope(
  { tx }: Change,
  caller: Caller,
  { realm: slug, filter }: { readonly realm: string; readonly filter: StoredFilter },
): Promise<ChangeScope | Failure<'RealmNotFound'>> {
  if (caller.kind !== 'ACCOUNT') throw forbidden('Only persons may change many keys at once. Sign in first.');
  const realm = await tx.realm.findUnique({ where: { slug } });
  if (realm === null) return fail('RealmNotFound', 'No realm has this slug.', { path: ['input', 'realm'] });
  const { id: realmId } = realm;
  if (may(caller, 'key.changeMany', { realmId })) return { realmId, organizationId: null };
  const owner = filter['owner'];
  if (typeof owner === 'string' && may(caller, 'key.changeMany', { realmId, ownerId: owner })) {
    return { realmId, organizationId: owner };
  }
  throw forbidden(
    'An OWNER or ADMIN of an organization may change many of its keys at once: give the id of the organization in filter.owner. Only administrators of the gateway may change keys of other owners.',
  );
}

/** Returns the condition for the keys in a scope that match a filter and that a change of this kind can apply to. */
export function keysToChange(
  core: OperationCore,
  scope: ChangeScope,
  { kind, filter }: { readonly kind: KeyChangeKind; readonly filter: StoredFilter },
  now: Date,
): Prisma.KeyWhereInput {
  const { realmId, organizationId } = scope;
  const inScope = organizationId === null ? { realmId } : { realmId, organizationId };
  return { AND: [inScope, changeableKeys(kind, now), core.filterKeys(filter, now)] };
}

/** Keys in a state that refuses the change for certain are not chosen. */
function changeableKeys(kind: KeyChangeKind, now: Date): Prisma.KeyWhereInput {
  switch (kind) {
    case 'HOLD':
    case 'LABEL':
    case 'ASK_ROTATION':
      return liveKeys(now);
    case 'RESUME':
      return { ...liveKeys(now), holds: { some: {} } };
    case 'REVOKE':
    case 'RENEW':
    case 'TRANSFER':
      return { revokedAt: null };
  }
}

/** Returns the ids of keys, sorted; at most `limit` of them. */
export async function listKeyIds({ tx }: Change, where: Prisma.KeyWhereInput, limit: number): Promise<string[]> {
  const rows = await tx.key.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: limit });
  return rows.map(({ id }) => id);
}

/** Fields of a filter that name whose keys are meant. */
const namingFields = ['owner', 'parent', 'subject', 'issuedBy', 'tokenRule'] as const;

/** Whether a filter names an owner, a parent, a subject or a source of keys. */
export function namesWhoseKeys(filter: StoredFilter): boolean {
  return namingFields.some((field) => typeof filter[field] === 'string');
}

/** The keys of a dry run. */
export interface FoundKeys {
  readonly ids: string[];
  /**
   * Whether the filter leaves out no key of the realm that the change can apply to: it names no condition, or only conditions
   * that all of these keys meet, such as a moment in the future. A filter that names whose keys are meant leaves out others,
   * also if the realm has none.
   */
  readonly leavesOutNoKey: boolean;
}

/** Finds the keys of a dry run, at most `limit` of them. */
export async function findKeysToChange(
  change: Change<OperationCore>,
  scope: ChangeScope,
  input: { readonly kind: KeyChangeKind; readonly filter: StoredFilter },
  limit: number,
): Promise<FoundKeys> {
  const now = change.now();
  const list = () => listKeyIds(change, keysToChange(change.core, scope, input, now), limit);
  if (namesWhoseKeys(input.filter)) return { ids: await list(), leavesOutNoKey: false };
  const where = { realmId: scope.realmId, ...changeableKeys(input.kind, now) };
  // Counted before and after: neither a key that is issued meanwhile nor one that ends makes it look as if one were left out.
  const before = await change.tx.key.count({ where });
  const ids = await list();
  const isAll = ids.length >= before || ids.length >= (await change.tx.key.count({ where }));
  return { ids, leavesOutNoKey: ids.length > 0 && isAll };
}
