import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { newId } from '../domain/id.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import type { EvaluatedKey } from '../policies/evaluated-key.ts';
import { judgementRow } from '../policies/stored-verdicts.ts';
import { verdictColumns, type PolicyCore } from './apply-policies.ts';
import type { NewSecret } from './create-secret.ts';
import { lifeOf, type NewLife } from './draft-keys.ts';
import { insertKeys } from './insert-keys.ts';
import { noteColumns, type KeyNotes } from './key-notes.ts';
import { ownerColumnsOf } from './key-row.ts';

export type KeyIssuance = { readonly keyId: string; readonly delivery: Delivery };

/** Who or what issues a key: an account, a key (its parent), or a rule that exchanged a token. */
interface KeyOrigin {
  readonly issuedById: string | null;
  /** The key with keytide:manage that issues it for a subject. It is not the key's parent. */
  readonly managerId?: string | null;
  readonly portalSessionId?: string | null;
  readonly actor: Actor;
  /** Added to the data of KEY_ISSUED. */
  readonly eventData?: Pick<EventData<'KEY_ISSUED'>, 'issuerId' | 'ruleId' | 'issuer' | 'omittedLabels'>;
}

/** A new key that is ready to be written. */
export interface NewKey extends NewLife {
  readonly secret: NewSecret;
  readonly origin: KeyOrigin;
  readonly evaluated: EvaluatedKey;
  readonly notes?: KeyNotes;
  /** Ranges in canonical form. Empty: from anywhere. */
  readonly allowedAddresses?: readonly string[];
}

/**
 * Creates keys of any origin, at the instant of their drafts: writes their rows and records KEY_ISSUED of each. The
 * caller checks the permissions.
 */
export function createKeys(change: Change<PolicyCore>, keys: readonly NewKey[]): readonly KeyIssuance[] {
  const written = keys.map((key) => composeRows(change, key));
  insertKeys(
    change,
    written.map(({ rows }) => rows),
  );
  change.record(...written.map(({ event }) => event));
  return written.map(({ issuance }) => issuance);
}

/** Creates a single key, as `createKeys` does. */
export function createKey(change: Change<PolicyCore>, key: NewKey): KeyIssuance {
  const [only] = createKeys(change, [key]);
  if (only === undefined) throw new Error('no key was created');
  return only;
}

/** Returns the rows, the event and the result of a new key. */
function composeRows(change: Change, { draft, realm, owner, chosen, tokenRuleId, ...key }: NewKey) {
  const { secret, text } = key.secret;
  const { issuedById, managerId = null, portalSessionId = null, actor, eventData } = key.origin;
  const { id: keyId, name, scopes, labels, parentId, notBefore, grantedAt, activeAt, createdAt: now } = draft;
  const { chosenExpiresAt, lifetimeMs, ...life } = lifeOf(draft, chosen, tokenRuleId);
  const columns = verdictColumns({ ...life, chosenExpiresAt }, key.evaluated, now);
  const secretId = newId('secret', now, change.core.random);
  const row = {
    id: keyId,
    realmId: realm.id,
    ...ownerColumnsOf(owner),
    issuedById,
    parentId,
    managerId,
    portalSessionId,
    tokenRuleId,
    name,
    ...noteColumns(key.notes ?? {}),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    allowedAddresses: [...(key.allowedAddresses ?? [])],
    createdAt: now,
    notBefore,
    grantedAt,
    activeAt,
    chosenExpiresAt,
    lifetimeMs,
    ...columns,
  } satisfies Prisma.KeyUncheckedCreateInput;
  const rows = {
    key: row,
    secret: { id: secretId, keyId, generation: 1, digest: secret.digest(), start: secret.start, createdAt: now },
    labels: labels.map(({ name, value }) => ({ keyId, name, value })),
    judgement: judgementRow(change.core, keyId, key.evaluated.verdicts, now),
  };
  const event = {
    type: 'KEY_ISSUED' as const,
    at: now,
    keyId,
    realmId: realm.id,
    ownerId: owner.id,
    actor,
    data: {
      expiresAt: columns.expiresAt?.toISOString() ?? null,
      stopsAt: columns.stopsAt?.toISOString() ?? null,
      basis: columns.stopsBasis,
      ...(notBefore !== null && { notBefore: notBefore.toISOString() }),
      ...eventData,
    },
  };
  return { rows, event, issuance: { keyId, delivery: { of: secretId, text } } };
}
