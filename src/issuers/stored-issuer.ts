import type { Prisma, TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import type { ClaimCondition } from '../domain/claims.ts';
import { may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { LabelInput } from '../keys/check-labels.ts';

/** A label of a key that says what a claim of its token said. */
export interface ClaimLabel {
  readonly name: string;
  readonly claim: string;
}

export function readRuleConditions({ conditions }: Pick<TokenRule, 'conditions'>): readonly ClaimCondition[] {
  return conditions as unknown as ClaimCondition[];
}

export function readRuleScopes({ scopes }: Pick<TokenRule, 'scopes'>): readonly Scope[] {
  return scopes as unknown as Scope[];
}

export function readRuleLabels({ labels }: Pick<TokenRule, 'labels'>): readonly LabelInput[] {
  return labels as unknown as LabelInput[];
}

export function readRuleClaimLabels({ claimLabels }: Pick<TokenRule, 'claimLabels'>): readonly ClaimLabel[] {
  return claimLabels as unknown as ClaimLabel[];
}

/** What an event of an issuer or its rules is about. Administrators alone see it: the realm is its own owner. */
export function issuerEventSubject({ realmId }: Pick<TrustedIssuer, 'realmId'>) {
  return { realmId, ownerId: realmId };
}

/** The issuers that a caller may see, as a filter. */
export function visibleIssuers(caller: Caller): Prisma.TrustedIssuerWhereInput {
  return may(caller, 'realm.manage', {}) ? {} : { id: { in: [] } };
}
