import { useId } from 'react';
import { ChipChoice } from '../../parts/chip-choice.tsx';
import { localDayOf } from '../../parts/time.ts';
import { useNow } from '../../parts/use-now.ts';
import { allowedLives, type NewKeyDraft } from './key-draft.ts';
import type { IssueBoundsOfOwner } from './issue-query.ts';

interface LifeFieldProps {
  readonly draft: Pick<NewKeyDraft, 'life' | 'date'>;
  readonly bounds: IssueBoundsOfOwner;
  readonly onChange: (changed: Partial<Pick<NewKeyDraft, 'life' | 'date'>>) => void;
}

/** How long the key lives, within the bounds, with the reason of each bound. */
export function LifeField({ draft, bounds, onChange }: LifeFieldProps) {
  const dateId = useId();
  const now = useNow();
  const { earliest, earliestReason, latest, latestReason, stopsAt, stopsBasis } = bounds;
  const choices: readonly (readonly [value: NewKeyDraft['life'], name: string])[] = [
    ...allowedLives(bounds, now).map((days) => [`${days}`, days === 365 ? 'a year' : `${String(days)} days`] as const),
    [
      'DEFAULT',
      stopsAt == null || stopsBasis === 'BY_USE' ? 'while it is used' : `until ${localDayOf(new Date(stopsAt))}`,
    ],
    ['DATE', 'until a day'],
  ];
  return (
    <ChipChoice legend="How long it lives" choices={choices} value={draft.life} onChange={(life) => onChange({ life })}>
      {draft.life === 'DATE' && (
        <div className="field try">
          <label htmlFor={dateId}>Last day</label>
          <input
            id={dateId}
            type="date"
            required
            value={draft.date}
            min={dayIn(earliest)}
            max={dayIn(latest)}
            onChange={({ target }) => onChange({ date: target.value })}
          />
        </div>
      )}
      <p className="hint">
        From {localDayOf(new Date(earliest))} to {localDayOf(new Date(latest))}. {earliestReason} {latestReason}
        {bounds.stopReason != null && draft.life === 'DEFAULT' && ` ${bounds.stopReason}`}
      </p>
    </ChipChoice>
  );
}

/** Returns the local day of an instant, as an input of a date has it. */
function dayIn(at: string): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
