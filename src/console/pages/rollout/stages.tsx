import type { ReactNode } from 'react';
import { RowMoment } from '../../parts/moment-button.tsx';
import { durationWords } from '../../parts/time.ts';
import { useNow } from '../../parts/use-now.ts';
import type { RolloutEvent } from './rollout-history-query.ts';
import type { RolloutDetails } from './rollout-query.ts';
import { nameOfStage, stageSentences } from './rollout-words.ts';
import { dateStages, type DatedStage } from './stage-dates.ts';

const shapes: Readonly<Record<DatedStage['place'], ReactNode>> = {
  PAST: <path d="M3.5 8.5 6.5 11.5 12.5 4.5" />,
  PRESENT: <circle className="solid" cx="8" cy="8" r="5" />,
  FUTURE: <circle cx="8" cy="8" r="5" />,
  NEVER: <path d="M4 4l8 8M12 4l-8 8" />,
};

interface StagesProps {
  readonly of: RolloutDetails;
  readonly events: readonly RolloutEvent[];
}

/** The stages of a rollout as a picture: where it is, how much of each least time is over, and when each stage began or may begin. */
export function Stages({ of: rollout, events }: StagesProps) {
  const dated = dateStages(rollout, events, useNow());
  return (
    <ol className="stages" aria-label="Stages">
      {dated.map((one, index) => (
        // Stages have no identity but their place.
        <li
          key={index}
          className={one.place.toLowerCase()}
          {...(one.place === 'PRESENT' && { 'aria-current': 'step' })}
        >
          <div className="track" aria-hidden="true">
            <svg viewBox="0 0 16 16">{shapes[one.place]}</svg>
            <span className="line">
              <span style={{ width: `${String(one.share * 100)}%` }} />
            </span>
          </div>
          <strong>{nameOfStage(one.stage)}</strong>
          {one.stage.share !== null && <ShareBar share={one.stage.share} />}
          <p>
            <When of={one} />
          </p>
          <p className="quiet">{stageSentences[one.stage.kind]}</p>
          {one.stage.windows.length > 0 && <Windows at={one.stage.windows} />}
        </li>
      ))}
    </ol>
  );
}

/** How much of all owners a cohort has: the words beside it say the number. */
function ShareBar({ share }: { readonly share: number }) {
  return (
    <span className="share-bar" aria-hidden="true">
      <span style={{ width: `${String(share * 100)}%` }} />
    </span>
  );
}

function When({ of: { place, at, stage } }: { readonly of: DatedStage }) {
  const least = durationWords(stage.leastTime) || 'no time';
  if (place === 'NEVER') return 'It never began.';
  if (place === 'FUTURE') {
    return (
      <>
        {at !== null && (
          <>
            From <RowMoment at={at} isCounting={false} /> at the earliest,{' '}
          </>
        )}
        {at === null ? 'For' : 'for'} {least} at least
      </>
    );
  }
  return (
    <>
      {at === null ? (
        'Over'
      ) : (
        <>
          Began <RowMoment at={at} isCounting={place === 'PRESENT'} />
        </>
      )}
      {place === 'PRESENT' && `, for ${least} at least`}
    </>
  );
}

function Windows({ at: windows }: { readonly at: readonly string[] }) {
  return (
    <p className="quiet">
      Windows:{' '}
      {windows.map((at, index) => (
        <span key={at}>
          {index > 0 && ', '}
          <WindowTime at={at} />
        </span>
      ))}
    </p>
  );
}

const windowTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

function WindowTime({ at }: { readonly at: string }) {
  return <time dateTime={at}>{windowTime.format(new Date(at))}</time>;
}
