import type { Draw } from '../support/seeded-random.ts';

/** Days between two jobs. */
const rhythms = { daily: 1, weekly: 7, 'three times a year': 121, yearly: 365 } as const;

export type Rhythm = keyof typeof rhythms;

/** Rhythms of five repositories: one builds daily, two weekly, one three times a year, one yearly. */
const PATTERN = ['daily', 'weekly', 'weekly', 'three times a year', 'yearly'] as const;

/** A repository with a job that runs in a rhythm. */
export interface Repository {
  readonly name: string;
  readonly index: number;
  readonly rhythm: Rhythm;
  /** Whether its job runs on that day. */
  hasJob(day: number): boolean;
}

/** Makes repositories, each with at least one job during the given days. */
export function makeRepositories(count: number, days: number, draw: Draw): Repository[] {
  return Array.from({ length: count }, (_, index) => {
    const rhythm = PATTERN[index % PATTERN.length]!;
    const every = rhythms[rhythm];
    const first = draw.below(Math.min(every, days));
    const hasJob = (day: number) => day % every === first;
    return { name: `repository-${String(index + 1)}`, index, rhythm, hasJob };
  });
}
