import type { Realm } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { noExpiry, requestedExpiry, type ExpiryRequest } from '../domain/life.ts';
import { boundsOf } from '../domain/meet.ts';
import { isManaging } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { RequestBounds } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import { evaluateKeyList, type PolicyCore } from './apply-policies.ts';
import type { LabelInput } from './check-labels.ts';
import { draftKeys, knownDraftOf, newKeyEvaluation, type KeyDraft } from './draft-keys.ts';
import type { BoundSources } from './expiry-bounds.ts';
import type { Owner } from './find-owner.ts';
import type { KeyRow } from './key-row.ts';
import { limitToParent } from './parent-limits.ts';

/** The realm of new keys, the owner of each of them, and the caller as it is under the lock of its key. */
export interface IssueTarget {
  readonly realm: Realm;
  readonly owners: readonly Owner[];
  readonly issuer: Caller;
  /** The calling key; null: an account issues the keys. */
  readonly callingKey: KeyRow | null;
}

/** What of a requested key its bounds depend on. */
interface BoundedInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  readonly notBefore?: Date | null;
  readonly ask: ExpiryRequest;
}

/** The bounds of the lifetime of a new key, counted from `draft.grantedAt`, and what set them. */
export interface NewKeyBounds {
  readonly draft: KeyDraft;
  readonly bounds: RequestBounds;
  readonly sources: BoundSources;
}

/**
 * Evaluates the policies of requested keys and returns the bounds of their lifetimes. Issue refuses by these bounds, and
 * `readIssueBounds` shows them.
 */
export async function findBounds(
  change: Change<PolicyCore>,
  inputs: readonly BoundedInput[],
  { realm, owners, issuer, callingKey }: IssueTarget,
): Promise<readonly NewKeyBounds[]> {
  const ownerOf = (index: number) => owners[index] as Owner;
  const callerId = issuer.kind === 'KEY' ? issuer.id : null;
  const drafts = draftKeys(
    change,
    inputs.map(({ name, scopes, labels, notBefore = null }, index) => {
      const parentId = isManaging(issuer, ownerOf(index).id, realm.id) ? null : callerId;
      return { name, scopes, labels, notBefore, parentId };
    }),
  );
  const requests = drafts.map((draft, index) => ({
    ...newKeyEvaluation(realm.id, ownerOf(index)),
    known: knownDraftOf(draft, noExpiry),
    request: {
      kind: 'ISSUE' as const,
      expiresAt: requestedExpiry(inputs[index]?.ask ?? null, draft.grantedAt)?.getTime() ?? null,
    },
  }));
  const evaluated = await evaluateKeyList(change, requests, drafts[0]?.createdAt ?? change.now());
  return drafts.map((draft, index) => {
    const parent = draft.parentId === null ? null : callingKey;
    const { verdict, verdicts } = evaluated[index] as (typeof evaluated)[number];
    return {
      draft,
      bounds: limitToParent(boundsOf(verdict), parent, draft.grantedAt),
      sources: { realm, verdicts, parent, isRenewal: false, caller: issuer },
    };
  });
}
