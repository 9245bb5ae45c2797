import type { ReactNode } from 'react';
import { useNow } from '../../parts/use-now.ts';
import type { BindingRowFragment } from '../../api/operations.ts';

type BindingState = 'enforced' | 'shadow' | 'paused' | 'announced' | 'broken' | 'braked' | 'removed';

const words: Readonly<Record<BindingState, string>> = {
  enforced: 'Enforced',
  shadow: 'Shadow',
  paused: 'Paused',
  announced: 'Announced',
  broken: 'Broken',
  braked: 'Brake engaged',
  removed: 'Removed',
};

const shapes: Readonly<Record<BindingState, ReactNode>> = {
  enforced: <circle className="solid" cx="8" cy="8" r="5" />,
  shadow: <circle cx="8" cy="8" r="5" strokeDasharray="3 2.2" />,
  paused: <path strokeWidth="3" d="M5 3v10M11 3v10" />,
  announced: <path d="M8 2a6 6 0 1 1-.01 0M8 5v3.5l2.5 1.5" />,
  broken: <path d="M8 2.5 14.5 13.5H1.5ZM8 7v3" />,
  braked: <path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5ZM5.5 8h5" />,
  removed: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
};

/** A state of a binding: a word, with a shape of its own. */
export function BindingStateMark({ state }: { readonly state: BindingState }) {
  return (
    <span className={`state binding-${state}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state]}
      </svg>
      {words[state]}
    </span>
  );
}

type ShownBinding = Pick<BindingRowFragment, 'mode' | 'health' | 'effectiveAt' | 'unboundAt'>;

interface StatesProps {
  readonly of: ShownBinding;
  readonly isBraked: boolean;
}

/** Whether a binding is in effect, and what is wrong with it. */
export function StatesOfBinding({ of: binding, isBraked }: StatesProps) {
  const now = useNow();
  if (binding.unboundAt !== null) return <BindingStateMark state="removed" />;
  const mode = ({ ENFORCED: 'enforced', SHADOW: 'shadow', PAUSED: 'paused' } as const)[binding.mode];
  return (
    <span className="states">
      <BindingStateMark state={mode} />
      {isAnnounced(binding, now) && <BindingStateMark state="announced" />}
      {binding.health === 'BROKEN' && <BindingStateMark state="broken" />}
      {isBraked && <BindingStateMark state="braked" />}
    </span>
  );
}

/** Whether a binding, or a change of it, is still ahead. */
export function isAnnounced({ effectiveAt }: Pick<ShownBinding, 'effectiveAt'>, now: Date): boolean {
  return Date.parse(effectiveAt) > now.getTime();
}
