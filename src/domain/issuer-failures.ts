import type { FailureRow } from './failure-row.ts';

/** Failures of changes of issuers, token rules and exchanged tokens. */
export const issuerFailures = {
  IssuerNotFound: {
    code: 'ISSUER_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query the realm’s issuers.',
  },
  IssuerExists: {
    code: 'ISSUER_EXISTS',
    retry: 'NEVER',
    remedy: 'Update the existing issuer, or choose another audience.',
  },
  IssuerUrlNotAllowed: {
    code: 'ISSUER_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Import the issuer’s key set, or ask the operator of the gateway to allow its host.',
  },
  TooManyIssuers: { code: 'TOO_MANY_ISSUERS', retry: 'NEVER', remedy: 'Distrust an issuer that is no longer needed.' },
  TokenRuleNotFound: {
    code: 'TOKEN_RULE_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Query the rules of the realm’s issuers.',
  },
  TokenRuleNotPinned: {
    code: 'TOKEN_RULE_NOT_PINNED',
    retry: 'NEVER',
    remedy: 'Add a condition on an id with equals: a name that becomes free can be taken by someone else.',
  },
  TooManyTokenRules: {
    code: 'TOO_MANY_TOKEN_RULES',
    retry: 'NEVER',
    remedy: 'Remove a rule that is no longer needed, or let one rule cover more cases.',
  },
  TokenNotAccepted: {
    code: 'TOKEN_NOT_ACCEPTED',
    retry: 'NEVER',
    remedy: 'Request a new token with the realm’s audience. Administrators can find the cause with explainToken.',
    details: { problem: 'TOKEN_PROBLEM' },
  },
} as const satisfies Record<string, FailureRow>;
