import { writtenDay } from '../../parts/time.ts';
import { barHeightOf } from './preview-picture.tsx';
import type { Replay } from './replay-query.ts';

const COLUMN = 10;
const HEIGHT_PX = 112;

/** The jobs of each day as bars: all of them, and those that would have failed. The tables have the same numbers. */
export function ReplayPicture({ of: { byDay } }: { readonly of: Replay }) {
  const highest = Math.max(1, ...byDay.map(({ jobCount }) => jobCount));
  const width = byDay.length * COLUMN;
  const [first = '', last = ''] = [byDay[0], byDay.at(-1)].map((one) => one && writtenDay(one.day));
  const bar = (place: number, height: number) => ({
    x: place * COLUMN + 1,
    width: COLUMN - 2,
    y: HEIGHT_PX - 1 - height,
    height,
  });
  return (
    <>
      <p className="legend">
        <span>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect className="sooner" width="10" height="10" rx="2" />
          </svg>
          jobs that would have failed
        </span>
        <span>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect className="without" x="1" y="1" width="8" height="8" />
          </svg>
          all jobs
        </span>
        <span>
          each bar is a day, the highest {highest.toLocaleString('en')} {highest === 1 ? 'job' : 'jobs'}
        </span>
      </p>
      <div className="lanes total">
        <svg
          className="bars"
          viewBox={`0 0 ${String(width)} ${String(HEIGHT_PX)}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <line x1="0" x2={width} y1={HEIGHT_PX - 0.5} y2={HEIGHT_PX - 0.5} />
          {byDay.map(({ day, jobCount, failedCount }, place) => (
            <g key={day}>
              <title>{`${writtenDay(day)}: ${String(failedCount)} of ${String(jobCount)} jobs would have failed`}</title>
              {jobCount > 0 && (
                <rect className="without" {...bar(place, barHeightOf(jobCount, highest, HEIGHT_PX - 2))} />
              )}
              <rect className="sooner" {...bar(place, barHeightOf(failedCount, highest, HEIGHT_PX - 2))} />
            </g>
          ))}
        </svg>
        <div className="ticks ends" aria-hidden="true">
          <span>{first}</span>
          <span>{last}</span>
        </div>
      </div>
    </>
  );
}
