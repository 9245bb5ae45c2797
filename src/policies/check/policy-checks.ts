/** What a module is checked for, in the order of the report. */
export const policyChecks = {
  loads: 'loads, and exports a policy as default',
  imports: 'imports #policy, the files of its own folder where it has one, and nothing else',
  declares: 'name, version, title, summary and what it reads are within the limits',
  configures: 'its configuration has a JSON Schema and takes {}, if all of it may be left out, and its examples',
  total: 'answers for every key, and never throws',
  bounded: 'answers verdicts: instants and lengths whole and within bounds, a code and a sentence as the reason',
  pure: 'changes no argument, and looks at no clock, no randomness and nothing else outside',
  deterministic: 'asked again, in another order, it says the same',
  timeless: 'stop moments come from the facts, and do not move with the moment of asking',
  counted: 'moments are counted from facts that are there, and never from null',
  age: 'a key that was never used is dormant by its age, where a used one would be by its last use',
  use: 'more use never brings a stop nearer',
  fast: 'a key takes at most 50 ms',
} as const;

export type PolicyCheck = keyof typeof policyChecks;

/** The first example of what was found wrong with one check, and how often it was. */
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
