import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Actor, Json } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import type { Chosen } from '../domain/life.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { knownKey } from '../policies/facts.ts';
import type { LabelInput } from './check-labels.ts';
import type { MadeSecret } from './deliver.ts';
import type { Owner } from './find-owner.ts';
import { columnsOf, judgeKey, storeJudgements, type JudgingCore } from './judge-key.ts';

export type KeyIssued = { readonly keyId: string; readonly delivery: Delivery };

/** What a key is to be, whatever is decided about its life. */
interface Asked {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  /** The key that issues it; null: none does. */
  readonly parentId: string | null;
}

/** A key that is about to be made, as policy is asked about it. */
export function unbornKey({ core }: Change, { name, scopes, labels, parentId }: Asked, now: Date) {
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
interface Origin {
  readonly issuedById: string | null;
  readonly tokenRuleId: string | null;
  readonly actor: Actor;
  /** Told with the event beside what is told of every key. */
  readonly facts?: { readonly [name: string]: Json };
}

interface Making {
  readonly realm: Pick<Realm, 'id'>;
  readonly owner: Owner;
  readonly chosen: Chosen;
  readonly made: MadeSecret;
  readonly origin: Origin;
}

/** Makes a key of whatever origin, under what policy says of it, and tells of it. Who may ask for it has been looked at. */
export async function makeKey(
  change: Change<JudgingCore>,
  unborn: ReturnType<typeof unbornKey>,
  { realm, owner, chosen, made, origin: { issuedById, tokenRuleId, actor, facts } }: Making,
  now: Date,
): Promise<KeyIssued> {
  const { id: keyId, name, scopes, labels, parentId } = unborn;
  const { chosenExpiresAt } = chosen;
  const lifetimeMs = chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs);
  const life = { ...unborn, chosenExpiresAt, lifetimeMs, tokenRuleId, standing: 'ACTIVE' as const, rotation: null };
  const subject = { ownerId: owner.id, realmId: realm.id, promised: 'NEW', earlier: [] } as const;
  const judged = await judgeKey(change, { ...subject, known: knownKey(life) }, now);
  const columns = columnsOf(life, judged, now);
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
          digest: Buffer.from(made.secret.digest()),
          start: made.secret.start,
          createdAt: now,
        },
      },
    },
  });
  await storeJudgements(change.tx, [{ keyId, judgement: judged.judgement }], now);
  change.tell({
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
      ...facts,
    },
  });
  return { keyId, delivery: { of: secretId, text: made.text } };
}
