import { memo } from 'react';
import { useNow } from '../parts/use-now.ts';
import { useStore } from '../shell/observable-value.ts';
import { periodCounts, periodWords } from './period-words.ts';
import { ticksOf, xOf, type Plot } from './plot.ts';
import type { Readout } from './readout.ts';
import type { ShownFreeze, OwnerLane, ShownTimeline } from './timeline-data.ts';

const AXIS_PX = 40;

/** About how wide a character of the name of a freeze is. */
const CHARACTER_PX = 6;

interface PictureProps {
  readonly shown: ShownTimeline;
  readonly plot: Plot;
}

/** The words of the ticks and of the freezes, and the present. */
export const AxisPicture = memo(function AxisPicture({ shown, plot }: PictureProps) {
  const now = xOf(plot, useNow().getTime());
  const isNowShown = now >= 0 && now <= plot.width;
  return (
    <svg className="plot axis-plot" width={plot.width} height={AXIS_PX} aria-hidden="true">
      {ticksOf(plot).map(({ at, x, words, isBold }) => (
        <text key={at} className={isBold ? 'bold' : ''} x={x + 4} y={AXIS_PX - 7}>
          {words}
        </text>
      ))}
      {placeNames(shown.freezes, plot, isNowShown ? now : null).map(({ x, words }) => (
        <text key={`${words} ${String(x)}`} className="freeze-name" x={x} y={14}>
          {words}
        </text>
      ))}
      {isNowShown && (
        <g className="now">
          <path d={`M${String(now)} 16V${String(AXIS_PX)}`} />
          <rect x={Math.min(Math.max(now - 18, 0), plot.width - 36)} y={3} width={36} height={16} rx={8} />
          <text x={Math.min(Math.max(now, 18), plot.width - 18)} y={15}>
            now
          </text>
        </g>
      )}
    </svg>
  );
});

/** Returns where the names of freezes stand: in the middle of each, as far as there is place. */
function placeNames(freezes: readonly ShownFreeze[], plot: Plot, now: number | null) {
  const placed: { readonly x: number; readonly half: number; readonly words: string }[] = [];
  if (now !== null) placed.push({ x: now, half: 20, words: '' });
  for (const { from, to, words } of freezes) {
    const half = (words.length * CHARACTER_PX) / 2;
    const middle = (Math.max(xOf(plot, from), 0) + Math.min(xOf(plot, to), plot.width)) / 2;
    const x = Math.min(Math.max(middle, half), plot.width - half);
    const isFree = placed.every((other) => Math.abs(other.x - x) > other.half + half + 4);
    if (isFree && half * 2 < plot.width) placed.push({ x, half, words });
  }
  return placed.filter(({ words }) => words !== '');
}

/** What lies behind all lanes: the past, the freezes, and a line at each tick. */
export const Background = memo(function Background({ shown, plot }: PictureProps) {
  const now = xOf(plot, useNow().getTime());
  const lines = ticksOf(plot);
  const linesOf = (areBold: boolean) =>
    lines.flatMap(({ x, isBold }) => (isBold === areBold ? [`M${String(Math.round(x) + 0.5)} 0v1`] : [])).join('');
  return (
    // One pixel high, and drawn as high as all lanes: however many there are, it is the same few elements.
    <svg className="back" viewBox={`0 0 ${String(plot.width)} 1`} preserveAspectRatio="none" aria-hidden="true">
      {now > 0 && <path className="past" d={`M0 0H${String(Math.min(now, plot.width))}V1H0z`} />}
      {shown.freezes.map(({ from, to, words }) => (
        <path
          key={`${words} ${String(from)}`}
          className="freeze"
          d={`M${String(Math.max(xOf(plot, from), 0))} 0H${String(Math.min(Math.max(xOf(plot, to), xOf(plot, from) + 2), plot.width))}V1H${String(Math.max(xOf(plot, from), 0))}z`}
        />
      ))}
      <path className="tick" d={linesOf(false)} />
      <path className="tick bold" d={linesOf(true)} />
    </svg>
  );
});

/** What lies before all lanes: the period that is read out, and the present. */
export const Foreground = memo(function Foreground({
  shown,
  plot,
  readout,
}: PictureProps & { readonly readout: Readout }) {
  const now = xOf(plot, useNow().getTime());
  const period = useStore(readout);
  const [from, to] = period === null ? [0, 0] : limitsOf(shown, period.index).map((at) => xOf(plot, at));
  return (
    <svg className="front" viewBox={`0 0 ${String(plot.width)} 1`} preserveAspectRatio="none" aria-hidden="true">
      {period !== null && <path className="read" d={`M${String(from)} 0H${String(to)}V1H${String(from)}z`} />}
      {now >= 0 && now <= plot.width && <path className="present" d={`M${String(now)} 0v1`} />}
    </svg>
  );
});

function limitsOf({ starts, to }: ShownTimeline, index: number): readonly [number, number] {
  return [starts[index] ?? to, starts[index + 1] ?? to];
}

/** Returns what is read out of a period of a lane. */
export function readWords(shown: ShownTimeline, lane: OwnerLane, index: number): string {
  const words = `${periodWords(...limitsOf(shown, index))}: ${periodCounts(lane.counts, index)}`;
  return lane.id === '' ? words : `${lane.name}, ${words}`;
}

interface ReadoutPillProps extends PictureProps {
  readonly readout: Readout;
  readonly laneOf: (id: string) => OwnerLane;
}

/** The words under the pointer. Who uses the keyboard hears them; the table has the same numbers. */
export function ReadoutPill({ shown, plot, readout, laneOf }: ReadoutPillProps) {
  const period = useStore(readout);
  if (period === null) return null;
  const [from, to] = limitsOf(shown, period.index);
  const share = xOf(plot, (from + to) / 2) / plot.width;
  return (
    <div className="readout" aria-hidden="true">
      <span style={{ left: `${String(share * 100)}%`, transform: `translateX(${String(-share * 100)}%)` }}>
        {readWords(shown, laneOf(period.lane), period.index)}
      </span>
    </div>
  );
}
