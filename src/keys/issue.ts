import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { askedFor, chooseAtIssue, type Ask } from '../domain/life.ts';
import { boundsOf } from '../domain/meet.ts';
import { may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { knownKey } from '../policies/facts.ts';
import { holdCaller } from './calling-key.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { checkText } from '../domain/check-text.ts';
import { refuseMalformed, scopesRefusal } from './check-scopes.ts';
import { makeSecret, readRecipient } from './deliver.ts';
import { outOfBounds } from './expiry-bounds.ts';
import { parentOf, withinParent } from './family.ts';
import { findOwner, type Owner } from './find-owner.ts';
import { columnsOf, judgeKey, storeJudgements, type JudgingCore } from './judge-key.ts';

export interface IssueKeyInput {
  /** The realm's slug. */
  readonly realm: string;
  /** Left out: the caller, or the owner of the calling key. */
  readonly owner?: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  readonly ask: Ask;
  readonly publicKey?: string | null;
}

interface Target {
  readonly realm: Realm;
  readonly owner: Owner;
  readonly issuer: Caller;
}

export type KeyIssued = { readonly keyId: string; readonly delivery: Delivery };

/** Makes a key for an owner and shows its secret, once. */
export const issueKey = useCase<IssueKeyInput, Target, KeyIssued, JudgingCore>({
  name: 'issueKey',

  async authorize(change, caller, input) {
    checkText('name', input.name, 100);
    refuseMalformed(input.scopes);
    checkLabels(caller, input.labels, []);
    const realm = await change.tx.realm.findUnique({ where: { slug: input.realm } });
    if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return realmNotFound();
    const issuer = caller.kind === 'KEY' ? await holdCaller(change, caller) : caller;
    // A change of the realm's bindings waits for this key, and then looks at it too; or this waits for the change. After the
    // calling key, which a review may have that waits for such a change.
    await change.tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${realm.id} FOR SHARE`;
    const owner = await findOwner(change, issuer, input.owner ?? null, realm.id);
    return isFailure(owner) ? owner : { realm, owner, issuer };
  },

  async run(change, _caller, input, { realm, owner, issuer: caller }) {
    const refused = await scopesRefusal(change, caller, realm, owner.id, input.scopes, { isNew: true });
    if (refused !== null) return refused;
    const recipient = readRecipient(input.publicKey);
    if (recipient !== null && isFailure(recipient)) return recipient;

    const now = change.now();
    const parentId = caller.kind === 'KEY' ? caller.id : null;
    const keyId = newId('key', now, change.core.random);
    const unborn = {
      id: keyId,
      name: input.name,
      scopes: input.scopes,
      labels: input.labels,
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
    const subject = { ownerId: owner.id, realmId: realm.id, promised: 'NEW', earlier: [] } as const;
    const request = { kind: 'ISSUE', expiresAt: askedFor(input.ask, now)?.getTime() ?? null } as const;
    const before = await judgeKey(change, { ...subject, known: knownKey(unborn) }, now, request);
    const bounds = withinParent(boundsOf(before.verdict), await parentOf(change, parentId), now);
    const chosen = chooseAtIssue(input.ask, bounds, now);
    if ('asked' in chosen) return outOfBounds(chosen);

    const made = await makeSecret(change, recipient);
    if (isFailure(made)) return made;
    const { chosenExpiresAt } = chosen;
    const lifetimeMs = chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs);
    const life = { ...unborn, chosenExpiresAt, lifetimeMs, standing: 'ACTIVE' as const, rotation: null };
    const judged = await judgeKey(change, { ...subject, known: knownKey(life) }, now);
    const columns = columnsOf(life, judged, now);
    const secretId = newId('secret', now, change.core.random);
    await change.tx.key.create({
      data: {
        id: keyId,
        realmId: realm.id,
        accountId: owner.kind === 'account' ? owner.id : null,
        organizationId: owner.kind === 'organization' ? owner.id : null,
        issuedById: caller.kind === 'ACCOUNT' ? caller.id : null,
        parentId,
        name: input.name,
        scopes: input.scopes.map(({ action, resource }) => ({ action, resource })),
        createdAt: now,
        grantedAt: now,
        activeAt: now,
        chosenExpiresAt,
        lifetimeMs,
        ...columns,
        labels: { create: input.labels.map(({ name, value }) => ({ name, value })) },
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
      actor: actorOf(caller),
      data: {
        expiresAt: columns.expiresAt?.toISOString() ?? null,
        stopsAt: columns.stopsAt?.toISOString() ?? null,
        basis: columns.stopsBasis,
      },
    });
    return { keyId, delivery: { of: secretId, text: made.text } };
  },
});

function realmNotFound(): Failure<'RealmNotFound'> {
  return fail('RealmNotFound', 'There is no realm with this slug that you can see.', { path: ['input', 'realm'] });
}
