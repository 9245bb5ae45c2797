import type { EvaluationMemory } from './evaluation-memory.ts';
import type { Evaluation, EvaluationOptions, PolicyRuntime } from './runtime/runtime.ts';
import type { EvaluationRequest } from './runtime/evaluate-keys.ts';

/** The facts of some keys on which a module is to return its verdicts, under one revision of a binding. */
export interface Question extends EvaluationRequest, EvaluationOptions {
  readonly hash: string;
}

/** The part of the runtime that evaluations need. */
export interface Policies extends Pick<PolicyRuntime, 'versions' | 'find' | 'readConfig' | 'evaluate'> {
  /** Whether a version has returned verdicts, and has not looped or crashed since; undefined: unknown. */
  readonly isSteady?: (hash: string) => boolean;
  /** Whether a caller waits for the evaluation. Verdicts that are only shown are then left to a review. */
  readonly isForRequest?: boolean;
  /** What the change has evaluated before. Undefined: it remembers none. */
  readonly memory?: EvaluationMemory;
  /** Returns the replies to questions that were put to the modules before (see `rehearsePolicies`). */
  readonly recall?: (questions: readonly Question[]) => Promise<readonly (readonly Evaluation[])[]>;
}

/** Whether this node can run a version: it is known, and its module has not been removed or broken since. */
export function isRunnable(policies: Policies, hash: string): boolean {
  const version = policies.find(hash);
  return version !== undefined && policies.versions().some(({ name, isCurrent }) => name === version.name && isCurrent);
}
