import { useState } from 'react';
import { exactTime, localDayOf, relativeDay, relativeTime } from './time.ts';
import { useNow, useNowFor } from './use-now.ts';

interface MomentButtonProps {
  readonly at: string;
  /** Whether the words count on: not for what has ended. Default: true. */
  readonly isCounting?: boolean;
}

/** An instant as its day and how far away it is. A click or Enter shows the exact time, local and UTC. */
export function MomentButton({ at, isCounting = true }: MomentButtonProps) {
  const [isExact, setExact] = useState(false);
  const now = useNowFor(at);
  const instant = new Date(at);
  return (
    <button
      type="button"
      className="plain"
      aria-expanded={isExact}
      title={exactTime(instant)}
      onClick={() => setExact(!isExact)}
    >
      <time dateTime={at}>
        {isExact ? exactTime(instant) : localDayOf(instant)}
        {isCounting && !isExact && <span className="quiet"> {relativeTime(instant, now)}</span>}
      </time>
    </button>
  );
}

/** A day of the gateway, such as 2026-11-29, and how far away it is. No time of that day is known. */
export function DayWords({ day }: { readonly day: string }) {
  const now = useNow();
  const noon = new Date(`${day}T12:00`);
  return (
    <time dateTime={day}>
      {localDayOf(noon)} <span className="quiet">{relativeDay(noon, now)}</span>
    </time>
  );
}

/** An instant in a row, where the row links to the page that has the exact time. */
export function RowMoment({ at, isCounting = true }: MomentButtonProps) {
  const now = useNowFor(at);
  const instant = new Date(at);
  return (
    <time dateTime={at} title={exactTime(instant)}>
      {localDayOf(instant)}
      {isCounting && <span className="quiet"> {relativeTime(instant, now)}</span>}
    </time>
  );
}

/** How long ago an instant was. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNowFor(at);
  const instant = new Date(at);
  return (
    <time dateTime={at} title={exactTime(instant)}>
      {relativeTime(instant, now)}
    </time>
  );
}
