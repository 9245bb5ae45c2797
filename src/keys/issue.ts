import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { requestedExpiry, chooseAtIssue, type ExpiryRequest } from '../domain/life.ts';
import { boundsOf } from '../domain/meet.ts';
import { isManaging, may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import { useCase } from '../log/use-case.ts';
import { loadSteady } from '../store/load-once.ts';
import { knownKeyOf } from '../policies/facts.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { shareRealm } from '../policies/lock-realm.ts';
import { lockCaller } from './recheck-caller.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { checkAllowedAddresses, checkNotBefore, limitToParentAddresses } from './key-restrictions.ts';
import { checkDescription, type KeyNotes } from './key-notes.ts';
import { checkText } from '../domain/check-text.ts';
import { checkScopes, refuseScopes } from './check-scopes.ts';
import { createSecret, readRecipient } from './create-secret.ts';
import { expiryOutOfBounds, explainBound } from './expiry-bounds.ts';
import { findParent, limitToParent, refuseLateStart } from './parent-limits.ts';
import { findOwner, type Owner } from './find-owner.ts';
import { findOrDraftSubject, insertSubject, type SubjectInput } from './subject-owner.ts';
import { evaluateKey, type PolicyCore } from './apply-policies.ts';
import { createKey, draftKey, evaluateNewKey, newKeyEvaluation, type KeyIssuance } from './create-key.ts';

export interface IssueKeyInput extends KeyNotes {
  /** The realm's slug. */
  readonly realm: string;
  /** Default: the caller, or the owner of the calling key. */
  readonly owner?: string | null;
  /** A subject of the realm, instead of `owner`. It is made if there is none with this external id. */
  readonly subject?: SubjectInput | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  readonly ask: ExpiryRequest;
  /** From when on the key is valid, and its life counts; null: from now on. At most 365 days ahead. */
  readonly notBefore?: Date | null;
  /** Addresses and ranges from which the key may be used. Empty or null: from anywhere. */
  readonly allowedAddresses?: readonly string[] | null;
  readonly publicKey?: string | null;
}

interface Target {
  readonly realm: Realm;
  readonly owner: Owner;
  readonly issuer: Caller;
}

/** Issues a key for an owner. Its secret is returned once. */
export const issueKey = useCase<IssueKeyInput, Target, KeyIssuance, PolicyCore>()({
  name: 'issueKey',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    checkText('name', input.name, 100);
    checkDescription(input);
    checkNotBefore(input.notBefore ?? null, change.now());
    checkAllowedAddresses(input.allowedAddresses ?? []);
    checkScopes(input.scopes);
    checkLabels(caller, input.labels, []);
    const where = { slug: input.realm };
    const realm = await loadSteady(change.tx, `realm ${input.realm}`, () => change.tx.realm.findUnique({ where }));
    if (realm === null || !may(caller, 'realm.read', { realmId: realm.id })) return realmNotFound();
    const issuer = caller.kind === 'KEY' ? await lockCaller(change, caller) : caller;
    // Either a change of the realm's bindings waits for this key and then sweeps it too, or this issue waits for the
    // change. The realm is locked after the calling key: a review that has locked that key may be waiting for a change
    // that has locked the realm.
    const secretPrefix = await shareRealm(change.tx, realm.id);
    const owner =
      input.subject == null
        ? await findOwner(change, issuer, input.owner ?? null, realm.id)
        : await findOrDraftSubject(change, issuer, input.subject, realm.id);
    return isFailure(owner) ? owner : { realm: { ...realm, secretPrefix }, owner, issuer };
  },

  async run(change, _caller, input, { realm, owner, issuer: caller }) {
    const refused = await refuseScopes(change, caller, realm, owner, input.scopes, { isNew: true });
    if (refused !== null) return refused;
    const recipient = readRecipient(input.publicKey);
    if (recipient !== null && isFailure(recipient)) return recipient;

    const isManager = isManaging(caller, owner.id, realm.id);
    const parentId = caller.kind === 'KEY' && !isManager ? caller.id : null;
    const { name, scopes, labels } = input;
    const notBefore = input.notBefore ?? null;
    const draft = draftKey(change, { name, scopes, labels, parentId, notBefore });
    const { createdAt: now, grantedAt: from } = draft;
    const evaluation = newKeyEvaluation(realm.id, owner);
    const request = { kind: 'ISSUE', expiresAt: requestedExpiry(input.ask, from)?.getTime() ?? null } as const;
    const evaluated = await evaluateKey(change, { ...evaluation, known: knownKeyOf(draft) }, now, request);
    const parent = await findParent(change, parentId);
    const allowedAddresses = limitToParentAddresses(checkAllowedAddresses(input.allowedAddresses ?? []), parent);
    refuseLateStart(parent, from);
    const chosen = chooseAtIssue(input.ask, limitToParent(boundsOf(evaluated.verdict), parent, from), from);
    if ('requested' in chosen) {
      const sources = { realm, verdicts: evaluated.verdicts, parent, isRenewal: false };
      return expiryOutOfBounds(chosen, await explainBound(change.tx, chosen, sources, from));
    }

    const lifeEvaluated = await evaluateNewKey(change, draft, { realm, owner, chosen, tokenRuleId: null });
    const secret = await createSecret(change, recipient, realm);
    if (isFailure(secret)) return secret;
    const issuedById = caller.kind === 'ACCOUNT' ? caller.id : null;
    const managerId = caller.kind === 'KEY' && isManager ? caller.id : null;
    const origin = { issuedById, managerId, tokenRuleId: null, actor: actorOf(caller) };
    if (owner.kind === 'subject' && owner.made !== undefined) {
      const createdAt = new Date(owner.made.facts.createdAt);
      await insertSubject(change, caller, { id: owner.id, realmId: realm.id, createdAt, input: owner.made.input });
    }
    const life = { chosen, evaluated: lifeEvaluated };
    return createKey(change, draft, { realm, owner, secret, origin, ...life, notes: input, allowedAddresses });
  },
});

function realmNotFound(): Failure<'RealmNotFound'> {
  return fail('RealmNotFound', 'No realm that you can see has this slug.', { path: ['input', 'realm'] });
}
