/** The checks of a module, in the order of the report. */
export const policyChecks = {
  loads: 'loads, and has a policy as its default export',
  imports: 'imports only #policy and, if it is a folder, its own files',
  declares: 'name, version, title, summary and reads are within the limits',
  configures: 'its configuration has a JSON Schema, and accepts its examples and, if no member is required, {}',
  total: 'returns for every key, and never throws',
  bounded: 'returns verdicts: whole instants and durations within bounds, and a reason with a code and a sentence',
  pure: 'changes no argument, and uses no clock, no randomness and nothing else outside',
  deterministic: 'returns the same verdicts when it is called again in another order',
  timeless: 'stop moments depend on the facts, not on the moment of evaluation',
  counted: 'moments are counted from known facts, never from null',
  age: 'a key that was never used becomes dormant by its age, if a used key becomes dormant by its last use',
  use: 'more use never makes a stop earlier',
  fast: 'a key takes at most 50 ms',
} as const;

export type PolicyCheck = keyof typeof policyChecks;

/** The first example of a failed check, and how often the check failed. */
export interface CheckFinding {
  readonly check: PolicyCheck;
  readonly first: string;
  readonly count: number;
}

export interface Findings {
  add(check: PolicyCheck, problem: string): void;
  list(): CheckFinding[];
}

export function createFindings(): Findings {
  const found = new Map<PolicyCheck, CheckFinding>();
  return {
    add(check, problem) {
      const { first, count } = found.get(check) ?? { first: problem, count: 0 };
      found.set(check, { check, first, count: count + 1 });
    },
    list: () => [...found.values()],
  };
}
