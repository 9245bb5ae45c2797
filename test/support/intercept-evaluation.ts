import { onTestFinished, vi } from 'vitest';
import type { BindingWorld } from './binding-world.ts';

type Evaluate = BindingWorld['policies']['evaluate'];
export type Question = Parameters<Evaluate>[0];

/** Replaces the evaluation of questions that `isMine` selects; all others go to the modules. */
export function interceptEvaluation(
  { policies }: BindingWorld,
  isMine: (question: Question) => boolean,
  evaluate: (question: Question) => ReturnType<Evaluate>,
) {
  const original = policies.evaluate.bind(policies);
  const spy = vi.spyOn(policies, 'evaluate');
  spy.mockImplementation((question) => (isMine(question) ? evaluate(question) : original(question)));
  onTestFinished(() => spy.mockRestore());
  return { original, spy };
}
