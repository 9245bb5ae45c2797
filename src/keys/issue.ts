import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { askedFor, chooseAtIssue, type Ask } from '../domain/life.ts';
import { boundsOf } from '../domain/meet.ts';
import { may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
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
import { judgeKey, type JudgingCore } from './judge-key.ts';
import { makeKey, unbornKey, type KeyIssued } from './make-key.ts';

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
    const { name, scopes, labels } = input;
    const unborn = unbornKey(change, { name, scopes, labels, parentId }, now);
    const subject = { ownerId: owner.id, realmId: realm.id, promised: 'NEW', earlier: [] } as const;
    const request = { kind: 'ISSUE', expiresAt: askedFor(input.ask, now)?.getTime() ?? null } as const;
    const before = await judgeKey(change, { ...subject, known: knownKey(unborn) }, now, request);
    const bounds = withinParent(boundsOf(before.verdict), await parentOf(change, parentId), now);
    const chosen = chooseAtIssue(input.ask, bounds, now);
    if ('asked' in chosen) return outOfBounds(chosen);

    const made = await makeSecret(change, recipient);
    if (isFailure(made)) return made;
    const issuedById = caller.kind === 'ACCOUNT' ? caller.id : null;
    const origin = { issuedById, tokenRuleId: null, actor: actorOf(caller) };
    return makeKey(change, unborn, { realm, owner, chosen, made, origin }, now);
  },
});

function realmNotFound(): Failure<'RealmNotFound'> {
  return fail('RealmNotFound', 'There is no realm with this slug that you can see.', { path: ['input', 'realm'] });
}
