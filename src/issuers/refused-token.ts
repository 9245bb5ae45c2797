/** Why a token is not taken: stable names, for metrics and documents. */
export const tokenProblems = {
  MALFORMED: 'It is no token, or one that says what no token of a provider says.',
  NOT_TRUSTED: 'Nobody trusts that issuer for that audience.',
  NOT_SIGNED: 'No key of its issuer has signed it.',
  NOT_NOW: 'It is over, or not yet good, or too old.',
  USED: 'It was exchanged before.',
  NO_RULE: 'No rule is for what it says.',
  NOT_ALLOWED: 'A rule is, but what it gives can no longer be given.',
} as const;

export type TokenProblem = keyof typeof tokenProblems;

/** A token that is not taken, and what is said of that to whoever showed it. */
export interface RefusedToken {
  readonly problem: TokenProblem;
  readonly message: string;
}

export function refuseToken(problem: TokenProblem, message: string): RefusedToken {
  return { problem, message };
}
