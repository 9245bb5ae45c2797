import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import type { EventData } from '../domain/event-detail.ts';
import { newId } from '../domain/id.ts';
import type { ChosenExpiry } from '../domain/life.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { knownKeyOf } from '../policies/facts.ts';
import type { LabelInput } from './check-labels.ts';
import type { NewSecret } from './create-secret.ts';
import type { Owner } from './find-owner.ts';
import { verdictColumns, evaluateKey, storeVerdicts, type PolicyCore } from './apply-policies.ts';

export type KeyIssuance = { readonly keyId: string; readonly delivery: Delivery };

/** What the caller or rule decides about a new key; its life is decided by policy. */
interface KeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  /** The key that issues it; null: not issued by a key. */
  readonly parentId: string | null;
}

/** Returns a new key in the form in which policies evaluate it, before it is written. */
export function draftKey({ core }: Change, { name, scopes, labels, parentId }: KeyInput, now: Date) {
  return {
    id: newId('key', now, core.random),
    name,
    scopes,
    labels,
    parentId,
    createdAt: now,
    grantedAt: now,
    activeAt: now,
    renewedAt: null,
    renewalCount: 0,
    lastUsedAt: null,
    chosenExpiresAt: null,
    lifetimeMs: null,
    secrets: [{ generation: 1, createdAt: now, firstUsedAt: null, retiresAt: null }],
  };
}

/** Who or what issues a key: an account, a key (its parent), or a rule that exchanged a token. */
interface KeyOrigin {
  readonly issuedById: string | null;
  readonly tokenRuleId: string | null;
  readonly actor: Actor;
  /** Added to the data of KEY_ISSUED. */
  readonly eventData?: Pick<EventData<'KEY_ISSUED'>, 'issuerId' | 'ruleId' | 'issuer' | 'omittedLabels'>;
}

interface KeyCreation {
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: ChosenExpiry;
  readonly secret: NewSecret;
  readonly origin: KeyOrigin;
}

/**
 * Creates a key of any origin: evaluates the policies, writes its rows and records KEY_ISSUED. The caller's permissions
 * must have been checked.
 */
export async function createKey(
  change: Change<PolicyCore>,
  draft: ReturnType<typeof draftKey>,
  {
    realm,
    owner,
    chosen,
    secret: { secret, text },
    origin: { issuedById, tokenRuleId, actor, eventData },
  }: KeyCreation,
  now: Date,
): Promise<KeyIssuance> {
  const { id: keyId, name, scopes, labels, parentId } = draft;
  const { chosenExpiresAt } = chosen;
  const lifetimeMs = chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs);
  const life = { ...draft, chosenExpiresAt, lifetimeMs, tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
  const input = { ownerId: owner.id, realmId: realm.id, promise: 'NEW', previous: [] } as const;
  const evaluated = await evaluateKey(change, { ...input, known: knownKeyOf(life) }, now);
  const columns = verdictColumns(life, evaluated, now);
  const secretId = newId('secret', now, change.core.random);
  await change.tx.key.create({
    data: {
      id: keyId,
      realmId: realm.id,
      accountId: owner.kind === 'account' ? owner.id : null,
      organizationId: owner.kind === 'organization' ? owner.id : null,
      issuedById,
      parentId,
      tokenRuleId,
      name,
      scopes: scopes.map(({ action, resource }) => ({ action, resource })),
      createdAt: now,
      grantedAt: now,
      activeAt: now,
      chosenExpiresAt,
      lifetimeMs,
      ...columns,
      labels: { create: labels.map((label) => ({ name: label.name, value: label.value })) },
      secrets: {
        create: {
          id: secretId,
          generation: 1,
          digest: Buffer.from(secret.digest()),
          start: secret.start,
          createdAt: now,
        },
      },
    },
  });
  await storeVerdicts(change.tx, [{ keyId, verdicts: evaluated.verdicts }], now);
  change.record({
    type: 'KEY_ISSUED',
    at: now,
    keyId,
    realmId: realm.id,
    ownerId: owner.id,
    actor,
    data: {
      expiresAt: columns.expiresAt?.toISOString() ?? null,
      stopsAt: columns.stopsAt?.toISOString() ?? null,
      basis: columns.stopsBasis,
      ...eventData,
    },
  });
  return { keyId, delivery: { of: secretId, text } };
}
