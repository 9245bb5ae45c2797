import type { ReactNode } from 'react';
import type { RolloutState } from '../../api/operations.ts';
import { rolloutStateWords } from './rollout-words.ts';

const shapes: Readonly<Record<RolloutState, ReactNode>> = {
  PROPOSED: <path d="M2.5 3h11v7.5H8L5 13.5v-3H2.5Z" />,
  RUNNING: <path className="solid" d="M4.5 3 13 8l-8.5 5Z" />,
  PAUSED: <path strokeWidth="3" d="M5 3v10M11 3v10" />,
  INCONCLUSIVE: <path d="M5.5 6a2.5 2.5 0 1 1 3.8 2.1C8.4 8.7 8 9.2 8 10M8 12.8v.2" />,
  UNDONE: <path d="M5.5 2.5 2.5 5.5l3 3M2.5 5.5H9.5a4 4 0 0 1 0 8H6" />,
  DONE: <path d="M2.5 8.5 6.5 12.5 13.5 4" />,
};

/** The state of a rollout: a word, with a shape of its own. */
export function StateOfRollout({ state }: { readonly state: RolloutState }) {
  return (
    <span className={`state rollout-${state.toLowerCase()}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state]}
      </svg>
      {rolloutStateWords[state]}
    </span>
  );
}
