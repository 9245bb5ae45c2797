import type { RenewedKey } from './renewal-machine.ts';

/** What became of renewals. */
export interface RenewalTally {
  /** How often a key was left in each way. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How often a secret was replaced, with its proof, in each CI system. */
  readonly rotations: Readonly<Record<string, number>>;
  /** How often one could not be brought to its place there. */
  readonly failedDeploys: Readonly<Record<string, number>>;
  /** The keys of which the last run has left something to be done. */
  readonly unfinished: readonly string[];
  note(ended: readonly RenewedKey[]): void;
}

/** What waits for its proof is in all its places. */
const FINISHED = new Set(['NOT_DUE', 'RENEWED', 'ROTATED', 'WAITING']);

/** `systems` says of each key's name in which CI system its jobs are. */
export function tallyRenewals(systems: ReadonlyMap<string, string>): RenewalTally {
  const outcomes: Record<string, number> = {};
  const rotations: Record<string, number> = {};
  const failedDeploys: Record<string, number> = {};
  let unfinished: readonly string[] = [];
  return {
    outcomes,
    rotations,
    failedDeploys,
    get unfinished() {
      return unfinished;
    },
    note(ended) {
      unfinished = ended.filter(({ outcome }) => !FINISHED.has(outcome)).map(({ name }) => name);
      for (const { name, outcome, message } of ended) {
        const system = systems.get(name) ?? name;
        count(outcomes, outcome);
        if (outcome === 'ROTATED') count(rotations, system);
        if (message.includes('places do not have the new secret yet')) count(failedDeploys, system);
      }
    },
  };
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
