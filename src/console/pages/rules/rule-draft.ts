import type { AddTokenRuleInput, TokenPreset } from '../../api/operations.ts';
import { readNameValues } from '../../parts/name-values.ts';
import type { ScopeDraft } from '../issue/key-draft.ts';
import type { RuleDetails } from './rule-query.ts';

/** A condition as it is typed. */
export interface ConditionDraft {
  readonly claim: string;
  readonly kind: 'equals' | 'matches';
  readonly value: string;
}

/** A rule as the form has it. */
export interface RuleDraft {
  readonly issuerId: string;
  readonly name: string;
  readonly owner: string;
  /** The name of the owner, for people. */
  readonly ownerName: string;
  readonly conditions: readonly ConditionDraft[];
  readonly scopes: readonly ScopeDraft[];
  /** Lines of name=value. */
  readonly labels: string;
  /** Lines of name=claim. */
  readonly claimLabels: string;
}

export const emptyRule: RuleDraft = {
  issuerId: '',
  name: '',
  owner: '',
  ownerName: '',
  conditions: [{ claim: '', kind: 'equals', value: '' }],
  scopes: [{ action: '', resource: '' }],
  labels: '',
  claimLabels: '',
};

export function draftOfRule({ issuer, name, owner, conditions, scopes, labels, claimLabels }: RuleDetails): RuleDraft {
  return {
    issuerId: issuer.id,
    name,
    owner: owner.id,
    ownerName: owner.name,
    conditions: conditions.map(({ claim, equals, matches }) =>
      equals == null ? { claim, kind: 'matches', value: matches ?? '' } : { claim, kind: 'equals', value: equals },
    ),
    scopes,
    labels: labels.map((label) => `${label.name}=${label.value}`).join('\n'),
    claimLabels: claimLabels.map((label) => `${label.name}=${label.claim}`).join('\n'),
  };
}

export function termsOfDraft(draft: RuleDraft): Omit<AddTokenRuleInput, 'issuerId' | 'idempotencyKey'> {
  const { name, owner, conditions, scopes, labels, claimLabels } = draft;
  return {
    name: name.trim(),
    owner,
    // A value is compared exactly, so that spaces in it stay.
    conditions: conditions.map(({ claim, kind, value }) =>
      kind === 'equals' ? { claim: claim.trim(), equals: value } : { claim: claim.trim(), matches: value },
    ),
    scopes: scopes.map(({ action, resource }) => ({ action, resource: resource.trim() })),
    labels: readNameValues(labels).map((pair) => ({ name: pair.name, value: pair.value })),
    claimLabels: readNameValues(claimLabels).map((pair) => ({ name: pair.name, claim: pair.value })),
  };
}

/** Claims that rules of a provider often compare. The ids, which no one else can take over, come first. */
const claimsOfPreset: Readonly<Record<TokenPreset, readonly string[]>> = {
  GITHUB_ACTIONS: ['repository_id', 'repository_owner_id', 'ref', 'environment', 'workflow_file', 'event_name'],
  GITLAB: ['project_id', 'namespace_id', 'ref', 'ref_type', 'ref_protected', 'environment'],
  AZURE_PIPELINES: ['org_id', 'prj_id', 'rpo_id', 'def_id'],
  BITBUCKET: ['repositoryUuid', 'workspaceUuid', 'branchName'],
  BUILDKITE: ['pipeline_id', 'organization_id', 'build_branch'],
  CIRCLECI: ['oidc.circleci.com/project-id', 'oidc.circleci.com/org-id'],
  KUBERNETES: ['/kubernetes.io/serviceaccount/uid', '/kubernetes.io/namespace'],
};

export function suggestedClaims(preset: TokenPreset | null | undefined): readonly string[] {
  return preset == null ? ['sub'] : claimsOfPreset[preset];
}
