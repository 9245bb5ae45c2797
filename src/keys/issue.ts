import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { chooseAtIssue, settle, type Ask } from '../domain/life.ts';
import { may } from '../domain/permission.ts';
import { nextReviewAt } from '../domain/next-review.ts';
import type { Scope } from '../domain/scope.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { askPolicy } from '../policies/ask.ts';
import { holdCaller } from './calling-key.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { checkText } from '../domain/check-text.ts';
import { refuseMalformed, scopesRefusal } from './check-scopes.ts';
import { makeSecret, readRecipient } from './deliver.ts';
import { outOfBounds } from './expiry-bounds.ts';
import { parentOf, withinParent } from './family.ts';
import { findOwner, type Owner } from './find-owner.ts';

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
export const issueKey = useCase<IssueKeyInput, Target, KeyIssued>({
  name: 'issueKey',

  async authorize(change, caller, input) {
    checkText('name', input.name, 100);
    refuseMalformed(input.scopes);
    checkLabels(caller, input.labels, []);
    const realm = await change.tx.realm.findUnique({ where: { slug: input.realm } });
    if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return realmNotFound();
    const issuer = caller.kind === 'KEY' ? await holdCaller(change, caller) : caller;
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
    const unborn = { realm, createdAt: now, grantedAt: now, activeAt: now, lastUsedAt: null, chosenExpiresAt: null };
    const bounds = withinParent(askPolicy(unborn, now).expiry.request, await parentOf(change, parentId), now);
    const chosen = chooseAtIssue(input.ask, bounds, now);
    if ('asked' in chosen) return outOfBounds(chosen);

    const made = await makeSecret(change, recipient);
    if (isFailure(made)) return made;
    const { chosenExpiresAt } = chosen;
    const life = { ...unborn, chosenExpiresAt, standing: 'ACTIVE' as const, rotation: null };
    const verdict = askPolicy(life, now);
    const settled = settle(chosenExpiresAt, verdict);
    const keyId = newId('key', now, change.core.random);
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
        lifetimeMs: chosen.lifetimeMs === null ? null : BigInt(chosen.lifetimeMs),
        ...settled,
        reviewAt: nextReviewAt(life, verdict, now),
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
    change.tell({
      type: 'KEY_ISSUED',
      at: now,
      keyId,
      realmId: realm.id,
      ownerId: owner.id,
      actor: actorOf(caller),
      data: {
        expiresAt: settled.expiresAt?.toISOString() ?? null,
        stopsAt: settled.stopsAt?.toISOString() ?? null,
        basis: settled.stopsBasis,
      },
    });
    return { keyId, delivery: { of: secretId, text: made.text } };
  },
});

function realmNotFound(): Failure<'RealmNotFound'> {
  return fail('RealmNotFound', 'There is no realm with this slug that you can see.', { path: ['input', 'realm'] });
}
