import { always, choice, listOf, nullable, objectOf, optional, recorded } from './event-field.ts';
import { beforeAndAfter, changed, changedType, label, scope } from './shared-event-fields.ts';

const tokenPreset = choice('TokenPreset', [
  'GITHUB_ACTIONS',
  'GITLAB',
  'AZURE_PIPELINES',
  'CIRCLECI',
  'BUILDKITE',
  'BITBUCKET',
  'KUBERNETES',
]);

const issuerId = recorded('id', 'The issuer that the event is about.');
const ruleId = recorded('id', 'The token rule that the event is about.');
const url = recorded('text', 'The URL of the issuer.');

const changedIssuer = changedType('Issuer', 'an issuer, without its imported keys', {
  name: optional('text', 'The name of the issuer.'),
  audience: optional('text', 'The `aud` that tokens of the issuer must have.'),
});

const condition = objectOf('ClaimCondition', 'A condition on one claim of a token.', {
  claim: always('text', 'The claim to compare.'),
  equals: nullable('text', 'The exact value of the claim.'),
  matches: nullable('text', 'A glob for the claim.'),
});

const claimLabel = objectOf('ClaimLabel', 'A label whose value is taken from a claim of the token.', {
  name: always('text', 'The name of the label.'),
  claim: always('text', 'The claim that gives its value.'),
});

const changedRule = changedType('TokenRule', 'a token rule', {
  name: optional('text', 'The name of the rule.'),
  conditions: optional(
    listOf(condition),
    'The conditions on the claims of a token. A value with @, such as an email address, is replaced by [redacted].',
  ),
  scopes: optional(listOf(scope), 'The scopes that the keys get.'),
  labels: optional(listOf(label), 'The labels that the keys get.'),
  claimLabels: optional(listOf(claimLabel), 'The labels whose values are taken from claims.'),
  owner: optional('id', 'The account or organization that owns the keys.'),
});

/** The fields of `data` of the events of issuers and token rules. */
export const issuerEventFields = {
  ISSUER_TRUSTED: {
    issuerId,
    url,
    audience: recorded('text', 'The `aud` that tokens of the issuer must have.'),
    preset: nullable(tokenPreset, 'The CI provider. Null: the issuer is none of the known providers.'),
    isImported: always(
      'boolean',
      'Whether the public keys of the issuer were imported. False: they are fetched by OpenID Connect Discovery.',
    ),
  },
  ISSUER_UPDATED: {
    issuerId,
    changed,
    audience: optional('text', 'The `aud` that tokens of the issuer must have now. Null: it was not changed.'),
    ...beforeAndAfter(changedIssuer),
  },
  ISSUER_DISTRUSTED: { issuerId, url },
  TOKEN_RULE_ADDED: {
    issuerId,
    ruleId,
    name: always('text', 'The name of the rule.'),
    owner: recorded('id', 'The account or organization that owns the keys that the rule gives.'),
  },
  TOKEN_RULE_UPDATED: { issuerId, ruleId, changed, ...beforeAndAfter(changedRule) },
  TOKEN_RULE_REMOVED: { issuerId, ruleId, name: always('text', 'The name of the rule.') },
  TOKEN_REUSED: {
    issuerId,
    url,
    tokenId: nullable(
      'text',
      'The `jti` of the token, by which the issuer can find the job. Null: the token has no `jti`.',
    ),
  },
} as const;
