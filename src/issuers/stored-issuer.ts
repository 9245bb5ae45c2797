import type { Prisma, TokenRule, TrustedIssuer } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import type { ClaimCondition } from '../domain/claims.ts';
import { may } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { LabelInput } from '../keys/check-labels.ts';

/** A label whose value is taken from a claim of the key's token. */
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

/** Returns the realm and owner of an event about an issuer or a rule. The realm is the owner, so only administrators see it. */
export function issuerEventSubject({ realmId }: Pick<TrustedIssuer, 'realmId'>) {
  return { realmId, ownerId: realmId };
}

/** Returns a filter for the issuers that a caller may see: all for administrators, none for others. */
export function visibleIssuers(caller: Caller): Prisma.TrustedIssuerWhereInput {
  return may(caller, 'realm.manage', {}) ? {} : { id: { in: [] } };
}
