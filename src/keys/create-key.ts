import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Actor, Json } from '../domain/event.ts';
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

/** What a key is to be, whatever is decided about its life. */
interface KeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  /** The key that issues it; null: none does. */
  readonly parentId: string | null;
}

/** A key that is about to be made, as policy is asked about it. */
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

/** Where a key comes from: an account, a key (its parent) or a rule by which a token was exchanged. */
interface KeyOrigin {
  readonly issuedById: string | null;
  readonly tokenRuleId: string | null;
  readonly actor: Actor;
  /** Told with the event beside what is told of every key. */
  readonly eventData?: { readonly [name: string]: Json };
}

interface KeyCreation {
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: ChosenExpiry;
  readonly secret: NewSecret;
  readonly origin: KeyOrigin;
}

/** Makes a key of whatever origin, under what policy says of it, and tells of it. Who may ask for it has been looked at. */
export async function createKey(
  change: Change<PolicyCore>,
  unborn: ReturnType<typeof draftKey>,
  { realm, owner, chosen, secret, origin: { issuedById, tokenRuleId, actor, eventData } }: KeyCreation,
  now: Date,
): Promise<KeyIssuance> {
  const { id: keyId, name, scopes, labels, parentId } = unborn;
  const { chosenExpiresAt } = chosen;
  const lifetimeMs = chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs);
  const life = { ...unborn, chosenExpiresAt, lifetimeMs, tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
  const subject = { ownerId: owner.id, realmId: realm.id, promise: 'NEW', previous: [] } as const;
  const judged = await evaluateKey(change, { ...subject, known: knownKeyOf(life) }, now);
  const columns = verdictColumns(life, judged, now);
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
          digest: Buffer.from(secret.secret.digest()),
          start: secret.secret.start,
          createdAt: now,
        },
      },
    },
  });
  await storeVerdicts(change.tx, [{ keyId, judgement: judged.verdicts }], now);
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
  return { keyId, delivery: { of: secretId, text: secret.text } };
}
