import type { RolloutDetails } from './rollout-query.ts';

interface OwnersPartProps {
  readonly rollout: RolloutDetails;
  /** Reads the rollout again, after an answer. */
  readonly onChanged: () => void;
}

/** The part of the page for owners: their keys, and their answer. */
export function OwnersPart(_props: OwnersPartProps) {
  return null;
}
