import type { RenewedKey } from './renewal-machine.ts';

/** The outcomes of renewals. */
export interface RenewalTally {
  /** How often each outcome occurred. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How often a rotation completed, by CI system. */
  readonly rotations: Readonly<Record<string, number>>;
  /** How often a deployment failed, by CI system. */
  readonly failedDeploys: Readonly<Record<string, number>>;
  /** The keys whose renewal the last run did not finish. */
  readonly unfinished: readonly string[];
  note(results: readonly RenewedKey[]): void;
}

/** WAITING counts as finished: the new secret is in all places. */
const FINISHED = new Set(['NOT_DUE', 'RENEWED', 'ROTATED', 'WAITING']);

/** Opens a tally. `systems` maps the name of each key to the CI system of its jobs. */
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
    note(results) {
      unfinished = results.filter(({ outcome }) => !FINISHED.has(outcome)).map(({ name }) => name);
      for (const { name, outcome, message } of results) {
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
