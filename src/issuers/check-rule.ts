import type { Realm, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { claimNameProblem, conditionProblem, type ClaimCondition } from '../domain/claims.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { Scope } from '../domain/scope.ts';
import { POLICY_LABEL_PREFIX } from '../domain/selector.ts';
import { labelNameProblem } from '../domain/text.ts';
import { checkLabels, MAX_LABELS, type LabelInput } from '../keys/check-labels.ts';
import { CONSUMER_LABEL } from '../domain/consumer-label.ts';
import { checkScopes, refuseScopes } from '../keys/check-scopes.ts';
import { findOwner, type Owner } from '../keys/find-owner.ts';
import type { Change } from '../log/change.ts';
import { presetOf } from './presets/presets.ts';
import type { ClaimLabel } from './stored-issuer.ts';

/** The most conditions of a rule, and the most labels that a rule takes from claims. */
const MAX_CONDITIONS = 20;
const MAX_CLAIM_LABELS = 10;

/** Which tokens a rule matches, and what their keys are given. */
export interface RuleTerms {
  readonly name: string;
  readonly conditions: readonly ClaimCondition[];
  readonly scopes: readonly Scope[];
  readonly labels: readonly LabelInput[];
  readonly claimLabels: readonly ClaimLabel[];
  /** The account or organization that owns the keys. */
  readonly owner: string;
}

/** Checks the format of a rule’s terms. Terms that are left out are not checked. Throws BAD_USER_INPUT for a malformed term. */
export function checkRuleTerms(caller: Caller, terms: Partial<RuleTerms>): void {
  const { name, conditions, scopes, labels = [], claimLabels = [] } = terms;
  if (name !== undefined) checkText('name', name, 100);
  if (scopes !== undefined) checkScopes(scopes);
  checkLabels(caller, labels, []);
  checkClaimLabels(labels, claimLabels);
  if (conditions === undefined) return;
  if (conditions.length === 0 || conditions.length > MAX_CONDITIONS) {
    throw ruleFieldError('conditions', `found ${conditions.length}; a rule has 1 to ${MAX_CONDITIONS}.`);
  }
  for (const condition of conditions) {
    const problem = conditionProblem(condition) ?? subConditionProblem(condition);
    if (problem !== null) throw ruleFieldError('conditions', problem);
  }
}

/** Refuses a glob on `sub`, whether named `sub` or `/sub`: its format differs by provider, so a glob may match more than intended. */
function subConditionProblem({ claim, matches }: ClaimCondition): string | null {
  return (claim === 'sub' || claim === '/sub') && matches !== null
    ? 'sub can be compared only by equals; to match a part of it, use the claims that it is made of'
    : null;
}

function checkClaimLabels(labels: readonly LabelInput[], claimLabels: readonly ClaimLabel[]): void {
  const names = [CONSUMER_LABEL, ...[...labels, ...claimLabels].map(({ name }) => name)];
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined)
    throw ruleFieldError('claimLabels', `found the label ${duplicate}, which the key already has.`);
  if (names.length > MAX_LABELS) {
    throw ruleFieldError(
      'claimLabels',
      `found ${names.length - 1} labels and claimLabels together; expected at most ${MAX_LABELS - 1}, because every key also gets ${CONSUMER_LABEL}.`,
    );
  }
  if (claimLabels.length > MAX_CLAIM_LABELS) {
    throw ruleFieldError('claimLabels', `found ${claimLabels.length}; a rule has at most ${MAX_CLAIM_LABELS}.`);
  }
  for (const { name, claim } of claimLabels) {
    const problem = labelNameProblem(name) ?? claimNameProblem(claim);
    if (problem !== null) throw ruleFieldError('claimLabels', problem);
    // Policies select keys by these labels. The author of a job must not be able to set them.
    if (name.startsWith(POLICY_LABEL_PREFIX))
      throw ruleFieldError(
        'claimLabels',
        `found ${name}; labels under ${POLICY_LABEL_PREFIX} cannot be taken from a token.`,
      );
  }
}

function ruleFieldError(field: string, found: string) {
  return badUserInput(`${field}: ${found}`, ['input', field]);
}

/**
 * Checks that the caller may create a rule with these terms, and returns the owner of its keys or a failure. An update passes
 * all terms of the rule, also the unchanged ones. For a provider with immutable ids, at least one condition must match an id
 * exactly.
 */
export async function authorizeRuleTerms(
  change: Change,
  caller: Caller,
  { realm, preset }: Pick<TrustedIssuer, 'preset'> & { readonly realm: Realm },
  { conditions, scopes, owner: ownerId }: Pick<RuleTerms, 'conditions' | 'scopes' | 'owner'>,
): Promise<Owner | Failure<'TokenRuleNotPinned' | 'OwnerNotFound' | 'OwnerNotActive' | 'ScopeNotAllowed'>> {
  const { title, ids } = presetOf(preset);
  if (ids.length > 0 && !conditions.some(({ claim, equals }) => equals !== null && ids.includes(claim))) {
    const found = `No condition matches an id of ${title} by equals; expected at least one of ${ids.join(' or ')}.`;
    return fail('TokenRuleNotPinned', found, { path: ['input', 'conditions'] });
  }
  const owner = await findOwner(change, caller, ownerId, realm.id);
  if (isFailure(owner)) return owner;
  if (owner.kind === 'subject') {
    const found = 'A token rule issues keys for accounts and organizations, not for subjects.';
    return fail('OwnerNotFound', found, { path: ['input', 'owner'] });
  }
  return (await refuseScopes(change, caller, realm, owner, scopes, { isNew: true })) ?? owner;
}

/** Returns the columns that store a rule’s terms. Copies only the known fields of each input. */
export function toRuleColumns({ name, conditions, scopes, labels, claimLabels }: RuleTerms, { kind, id }: Owner) {
  return {
    name,
    conditions: conditions.map(({ claim, equals, matches }) => ({ claim, equals, matches })),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    labels: labels.map((label) => ({ name: label.name, value: label.value })),
    claimLabels: claimLabels.map((label) => ({ name: label.name, claim: label.claim })),
    accountId: kind === 'account' ? id : null,
    organizationId: kind === 'organization' ? id : null,
  };
}
