import { spreadOf } from './verify/spread.ts';

/** What a figure should be: at least `must`, or at most, and better `aim`. */
export interface Goal {
  readonly title: string;
  readonly unit: string;
  readonly direction: 'AT_LEAST' | 'AT_MOST';
  readonly must: number;
  readonly aim: number;
}

const ratio = (title: string, must: number, aim: number): Goal => {
  return { title, unit: '', direction: 'AT_LEAST', must, aim };
};
const limit = (title: string, unit: string, must: number, aim: number): Goal => {
  return { title, unit, direction: 'AT_MOST', must, aim };
};

/** The figures of all benchmarks that have a goal. Ratios are to a baseline that was measured in turn with them. */
export const goals = {
  verify: ratio('POST /verify ÷ bare node:http', 0.7, 0.85),
  verifyKey: ratio('verifyKey over GraphQL ÷ bare node:http', 0.4, 0.6),
  halfLoad: limit('p99 of POST /verify at half its load ÷ that of bare node:http', '', 1.5, 1.2),
  lookUpFew: ratio('a look-up in memory ÷ SHA-256 and a Map, 10,000 keys', 0.9, 1),
  lookUpMany: ratio('a look-up in memory ÷ SHA-256 and a Map, 1,000,000 keys', 1.4, 1.8),
  libraryFew: ratio('a verification by the library ÷ SHA-256 and a Map, 10,000 keys', 0.9, 1),
  libraryMany: ratio('the same with 1,000,000 keys', 1.4, 1.8),
  keyBytes: limit('memory of a key, of 1,000,000', 'B', 250, 180),
  ready: limit('start with 1,000,000 keys, until ready', 's', 2, 1.5),
  filled: limit('the same, until all are in memory', 's', 15, 8),
  reach: limit('p99 from a revocation to its refusal by another node', 'ms', 50, 20),
  reachVerifier: limit('p99 from a revocation to its refusal by a verifier in another process', 'ms', 100, 50),
  issue: ratio('issueKey ÷ bare INSERT of the same rows', 0.15, 0.4),
  issueMany: ratio('issueKeys, 1,000 keys a call ÷ COPY of the same rows', 0.5, 0.8),
  review: ratio('reviews with events ÷ bare batched UPDATE', 0.4, 0.8),
  preview: limit('preview of 100,000 keys', 's', 10, 5),
  replay: limit('replay of 90 days of 100,000 keys', 's', 60, 30),
  review1M: limit('1,000,000 keys reviewed again without a change', 'min', 5, 2),
  useNode: limit('writing use, 25,000 a second: share of a core in the node', '', 0.05, 0.02),
  usePostgres: limit('the same in PostgreSQL', '', 0.15, 0.05),
} as const satisfies Record<string, Goal>;

export type GoalName = keyof typeof goals;

/** The values that a benchmark measured for a goal. */
export interface Figure {
  readonly name: GoalName;
  readonly least: number;
  readonly middle: number;
  readonly most: number;
}

/** Passes the values of all rounds on to `npm run bench`, if it runs this benchmark. */
export function reportFigure(name: GoalName, values: readonly number[]): void {
  process.send?.({ name, ...spreadOf(values) } satisfies Figure);
}

/** Whether a value reaches a part of a goal: 1 for all of it. */
export function reaches(name: GoalName, value: number, part = 1): boolean {
  const { direction, must } = goals[name];
  return direction === 'AT_LEAST' ? value >= must * part : value <= must / part;
}
