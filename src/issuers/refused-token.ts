/** Why a token is refused. The names are stable: schema, metrics and documents use them. */
export const tokenProblems = {
  MALFORMED: 'The text is not a signed JWT, or a header member or claim is missing, malformed or not accepted.',
  NOT_TRUSTED: 'No realm trusts the token’s issuer (`iss`) for its audience (`aud`).',
  NOT_SIGNED: 'The token is not signed by a key of its issuer.',
  NOT_NOW: 'The token has expired, is not valid yet, or was issued more than a day ago.',
  USED: 'The token was already exchanged. A token can be exchanged once.',
  NO_RULE: 'No rule of the issuer matches the token’s claims.',
  NOT_ALLOWED: 'A rule matches, but its owner is disabled or one of its actions is retired.',
} as const;

export type TokenProblem = keyof typeof tokenProblems;

/** Why a token is refused, with the message for the caller. */
export interface RefusedToken {
  readonly problem: TokenProblem;
  readonly message: string;
}

export function refuseToken(problem: TokenProblem, message: string): RefusedToken {
  return { problem, message };
}
