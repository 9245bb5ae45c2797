/** Why a token is refused. The names are stable: schema, metrics and documents use them. */
export const tokenProblems = {
  MALFORMED: 'The text is not a signed JWT, or a header member or claim is missing, malformed or not accepted.',
  NOT_TRUSTED: 'No realm trusts the token’s issuer (`iss`) for its audience (`aud`).',
  NOT_SIGNED: 'The token is not signed by a key of its issuer, or with an algorithm that its issuer does not list.',
  NOT_NOW: 'The token has expired, is not valid yet, or was issued more than a day ago.',
  USED: 'The token was already exchanged. A token can be exchanged once.',
  NO_RULE: 'No rule of the issuer matches the token’s claims.',
  NOT_ALLOWED: 'A rule matches, but its owner is disabled or one of its actions is retired.',
} as const;

/** What the caller can do about each problem. */
const tokenRemedies: Record<keyof typeof tokenProblems, string> = {
  MALFORMED: 'Send the token as the provider issued it to the job.',
  NOT_TRUSTED: 'Request a token for the audience of the realm, or ask an administrator to trust the issuer.',
  NOT_SIGNED: 'Request a new token. If that is refused too, ask an administrator to check the issuer’s keys.',
  NOT_NOW: 'Request a new token, and exchange it at once.',
  USED: 'Request a new token for each exchange.',
  NO_RULE: 'Ask an administrator for a rule: explainToken shows which conditions do not match.',
  NOT_ALLOWED: 'Ask an administrator to change the rule.',
};

/** Returns what the caller can do about a problem. */
export function tokenRemedy(problem: TokenProblem): string {
  return tokenRemedies[problem];
}

export type TokenProblem = keyof typeof tokenProblems;

/** Why a token is refused, with the message for the caller. */
export interface RefusedToken {
  readonly problem: TokenProblem;
  readonly message: string;
}

export function refuseToken(problem: TokenProblem, message: string): RefusedToken {
  return { problem, message };
}
