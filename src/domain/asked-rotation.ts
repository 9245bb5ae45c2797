import { MINUTE_MS } from './duration.ts';
import { LONGEST_GRACE_MS } from './rotation.ts';

/** The shortest grace period that a person may ask for: the program that rotates has to store the new secret meanwhile. */
export const SHORTEST_ASKED_GRACE_MS = MINUTE_MS;

/** The bounds of the grace period of a rotation that a person asks for. */
export const askedGraceBounds = { shortestMs: SHORTEST_ASKED_GRACE_MS, longestMs: LONGEST_GRACE_MS } as const;

/** What a key stores about a rotation that a person requested. */
export interface AskedRotation {
  readonly rotationAskedAt: Date | null;
  /** When the secret was replaced since. Null: it still is the asked one, or no person asked. */
  readonly rotationAnsweredAt: Date | null;
}

/** Returns when a person asked that the current secret be replaced. Null: no person asked, or it was replaced since. */
export function openAskedAt({ rotationAskedAt, rotationAnsweredAt }: Partial<AskedRotation>): Date | null {
  return rotationAnsweredAt == null ? (rotationAskedAt ?? null) : null;
}

/**
 * Returns the columns of a key whose current secret becomes one that was made at `secretCreatedAt`, by a rotation or by
 * its undo. A secret that is older than the question leaves it open.
 */
export function answerAskedRotation(
  { rotationAskedAt }: Pick<AskedRotation, 'rotationAskedAt'>,
  secretCreatedAt: Date,
): Pick<AskedRotation, 'rotationAnsweredAt'> {
  const isAnswer = rotationAskedAt !== null && secretCreatedAt >= rotationAskedAt;
  return { rotationAnsweredAt: isAnswer ? secretCreatedAt : null };
}
