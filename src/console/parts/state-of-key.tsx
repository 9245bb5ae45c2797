import type { ReactNode } from 'react';
import { shownState, stateWords, type ShownState, type ShownKey } from './key-state.ts';
import { useNow } from './use-now.ts';

const shapes: Readonly<Record<ShownState, ReactNode>> = {
  active: <circle className="solid" cx="8" cy="8" r="5" />,
  'stops-soon': <path className="solid" d="M8 2.5 14.5 13.5H1.5Z" />,
  rotating: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2H9.8" />,
  dormant: <circle cx="8" cy="8" r="5" />,
  held: <path strokeWidth="3" d="M5 3v10M11 3v10" />,
  expired: <path d="M4 2h8M4 14h8M5 2c0 4 6 8 6 12M11 2c0 4-6 8-6 12" />,
  revoked: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
};

/** The state of a key: a word, with a shape of its own. */
export function StateOfKey({ of }: { readonly of: ShownKey }) {
  const state = shownState(of, useNow());
  return (
    <span className={`state state-${state}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state]}
      </svg>
      {stateWords[state]}
    </span>
  );
}
