import type { Caller } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { chooseAtIssue, type ExpiryRequest } from '../domain/life.ts';
import { isManaging, may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import { shareRealm } from '../policies/lock-realm.ts';
import type { PolicyCore } from './apply-policies.ts';
import { checkLabels, type LabelInput } from './check-labels.ts';
import { checkScopes, refuseScopes } from './check-scopes.ts';
import { createKeys, type KeyIssuance, type NewKey } from './create-key.ts';
import { createSecret, readRecipient } from './create-secret.ts';
import { evaluateNewKeys } from './draft-keys.ts';
import { expiryOutOfBounds, explainBound } from './expiry-bounds.ts';
import { findOwners, listRequestedOwners, type Owner } from './find-owner.ts';
import { checkDescription, type KeyNotes } from './key-notes.ts';
import { checkAllowedAddresses, checkNotBefore, limitToParentAddresses } from './key-restrictions.ts';
import { findBounds, type IssueTarget } from './new-key-bounds.ts';
import { refuseLateStart } from './parent-limits.ts';
import { lockCaller } from './recheck-caller.ts';
import { checkRow, placeError, placeFailure, type RowPlace } from './row-place.ts';
import { lockPortalSession } from './portal-session.ts';
import { findOrDraftSubject, insertSubjects, listNewSubjects, type SubjectInput } from './subject-owner.ts';

/** What a caller requests for a new key. */
export interface NewKeyInput extends KeyNotes {
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

/** A requested key, and where it stands in the input. */
export interface NewKeyRow {
  readonly input: NewKeyInput;
  readonly place: RowPlace;
}

/**
 * Checks the form of all rows, and that the caller may issue keys for their owners in the realm. Locks the realm, the
 * owners and the calling key.
 */
export async function authorizeIssue(
  change: Change,
  caller: Caller,
  slug: string,
  rows: readonly NewKeyRow[],
): Promise<IssueTarget | Failure<'RealmNotFound' | 'OwnerNotFound' | 'OwnerNotActive'>> {
  for (const { input, place } of rows) {
    checkRow(place, () => {
      checkText('name', input.name, 100);
      checkDescription(input);
      checkNotBefore(input.notBefore ?? null, change.now());
      checkAllowedAddresses(input.allowedAddresses ?? []);
      checkScopes(input.scopes);
      checkLabels(caller, input.labels, []);
    });
  }
  return findIssueTarget(change, caller, slug, rows);
}

/**
 * Finds the realm and the owners of new keys, if the caller may issue keys for them there. Locks the realm, the owners and
 * the calling key.
 */
export async function findIssueTarget(
  change: Change,
  caller: Caller,
  slug: string,
  rows: readonly { readonly input: Pick<NewKeyInput, 'owner' | 'subject'>; readonly place: RowPlace }[],
): Promise<IssueTarget | Failure<'RealmNotFound' | 'OwnerNotFound' | 'OwnerNotActive'>> {
  const locked = caller.kind === 'KEY' ? await lockCaller(change, caller) : null;
  const issuer = locked?.caller ?? caller;
  // Either a change of the realm's bindings waits for this key and then sweeps it too, or this issue waits for the
  // change. The realm is locked after the calling key: a review that has locked that key may be waiting for a change
  // that has locked the realm.
  const requestedIds = rows.flatMap(({ input }) => (input.subject == null ? [input.owner ?? null] : []));
  const realm = await shareRealm(change, { slug }, listRequestedOwners(issuer, requestedIds));
  if (realm === null || !may(issuer, 'realm.read', { realmId: realm.id })) return realmNotFound();
  const owners = await findRowOwners(change, issuer, rows, realm.id);
  if (caller.kind === 'PORTAL' && !change.isRehearsal) await lockPortalSession(change.tx, caller, change.now());
  return isFailure(owners) ? owners : { realm, owners, issuer, callingKey: locked?.key ?? null };
}

/** Finds the owner of each row; a failure names the first row whose owner is refused. */
async function findRowOwners(
  change: Change,
  issuer: Caller,
  rows: Parameters<typeof findIssueTarget>[3],
  realmId: string,
): Promise<readonly Owner[] | Failure<'OwnerNotFound' | 'OwnerNotActive'>> {
  const byId = rows.filter(({ input }) => input.subject == null);
  const requestedIds = byId.map(({ input }) => input.owner ?? null);
  const found = byId.length === 0 ? [] : await findOwners(change, issuer, requestedIds, realmId);
  const owners: Owner[] = [];
  let next = 0;
  for (const { input, place } of rows) {
    const owner =
      input.subject == null
        ? (found[next++] as (typeof found)[number])
        : await findOrDraftSubject(change, issuer, input.subject, realmId).catch((error: unknown) => {
            throw placeError(error, place);
          });
    if (isFailure(owner)) return placeFailure(owner, place);
    owners.push(owner);
  }
  return owners;
}

export function realmNotFound(): Failure<'RealmNotFound'> {
  return fail('RealmNotFound', 'No realm that you can see has this slug.', { path: ['input', 'realm'] });
}

/**
 * Issues all rows, or none: a failure names the row that caused it. Policies are evaluated once for all rows.
 */
export async function issueRows(
  change: Change<PolicyCore>,
  rows: readonly NewKeyRow[],
  target: IssueTarget,
): Promise<readonly KeyIssuance[] | Failure<'ScopeNotAllowed' | 'PublicKeyInvalid' | 'ExpiryOutOfBounds'>> {
  const { realm, owners, issuer } = target;
  const ownerOf = (index: number) => owners[index] as Owner;
  const recipients = [];
  for (const [index, { input, place }] of rows.entries()) {
    const refused = await refuseScopes(change, issuer, realm, ownerOf(index), input.scopes, { isNew: true });
    if (refused !== null) return placeFailure(refused, place);
    const recipient = readRecipient(input.publicKey);
    if (recipient !== null && isFailure(recipient)) return placeFailure(recipient, place);
    recipients.push(recipient);
  }
  const callerId = issuer.kind === 'KEY' ? issuer.id : null;
  const inputs = rows.map(({ input }) => input);
  const lives = [];
  for (const [index, { draft, bounds, sources }] of (await findBounds(change, inputs, target)).entries()) {
    const { input, place } = rows[index] as NewKeyRow;
    const { parent } = sources;
    const { grantedAt: from } = draft;
    const allowedAddresses = checkRow(place, () => {
      refuseLateStart(parent, from);
      return limitToParentAddresses(checkAllowedAddresses(input.allowedAddresses ?? []), parent);
    });
    const chosen = chooseAtIssue(input.ask, bounds, from);
    if ('requested' in chosen) {
      return placeFailure(expiryOutOfBounds(chosen, await explainBound(change.tx, chosen, sources, from)), place);
    }
    lives.push({ draft, realm, owner: ownerOf(index), chosen, tokenRuleId: null, allowedAddresses });
  }
  const evaluatedLives = await evaluateNewKeys(change, lives);
  // The transaction makes the secrets and the rows.
  if (change.isRehearsal) return [];
  const origin = {
    issuedById: issuer.kind === 'ACCOUNT' ? issuer.id : null,
    actor: actorOf(issuer),
  };
  const keys: NewKey[] = [];
  for (const [index, life] of lives.entries()) {
    const secret = await createSecret(change, recipients[index] ?? null, realm);
    if (isFailure(secret)) return placeFailure(secret, rows[index]?.place ?? null);
    const { input } = rows[index] as NewKeyRow;
    const managerId = isManaging(issuer, ownerOf(index).id, realm.id) ? callerId : null;
    keys.push({
      ...life,
      secret,
      origin: { ...origin, managerId, portalSessionId: issuer.kind === 'PORTAL' ? issuer.id : null },
      notes: input,
      evaluated: evaluatedLives[index] as (typeof evaluatedLives)[number],
    });
  }
  await insertSubjects(change, issuer, listNewSubjects(realm.id, owners));
  return createKeys(change, keys);
}
