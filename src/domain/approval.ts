// The one mechanism for acts that need two persons: an operation that is proposed waits in the state AWAITING_APPROVAL
// until another person who manages the same keys approves it.

/**
 * Returns whether an act on `count` keys needs a second person. What the same person did without approval in the last
 * day counts too, so that many small operations do not pass where one large one would not. `limit` null: never.
 */
export function needsApproval(count: number, recentCount: number, limit: number | null): boolean {
  return limit !== null && count > 0 && count + recentCount > limit;
}

/** Returns whether a person may be the second one for an act: anyone but the person who proposed it. */
export function isSecondPerson(proposerId: string, personId: string): boolean {
  return proposerId !== personId;
}
