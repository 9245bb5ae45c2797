import { DAY_MS, describeDuration, WEEK_MS } from '../../domain/duration.ts';
import { plainLine, type Output } from '../output.ts';
import type { FetchedTimeline, PictureLane, PeriodCounts, StoppingKeyLane } from './fetch-timeline.ts';
import { writeDates, writeRow, type PictureFrame } from './picture-frame.ts';

type Styling = Pick<Output, 'style'>;

/**
 * Draws owners or realms as lanes of two lines: what stops unless a person acts rises on the upper one, what renews by itself
 * hangs from the lower one. One scale holds for all lanes.
 */
export function drawLanes(timeline: FetchedTimeline, frame: PictureFrame, output: Styling): string[] {
  const { lanes, periods, total } = timeline;
  const isFrozen = periods.map((start) => isInFreeze(timeline, Date.parse(start)));
  const all: readonly PictureLane[] = lanes.length > 1 ? [{ id: '', name: 'All', counts: total }, ...lanes] : lanes;
  const highest = Math.max(1, ...lanes.flatMap(({ counts }) => [...counts.byHand, ...counts.byItself]));
  return [
    output.style('dim', writeDates(frame, periods)),
    ...all.flatMap(({ name, counts }, index) => {
      // The sum of all lanes has a scale of its own: else one bar of it would flatten all others.
      const scale = all.length > 1 && index === 0 ? Math.max(1, ...counts.byHand, ...counts.byItself) : highest;
      return drawLane(plainLine(name), counts, { frame, isFrozen, scale, output });
    }),
    '',
    ...legend(timeline, frame),
  ];
}

interface LaneDrawing {
  readonly frame: PictureFrame;
  readonly isFrozen: readonly boolean[];
  /** The number that fills a cell. */
  readonly scale: number;
  readonly output: Styling;
}

function drawLane(name: string, { byHand, byItself }: PeriodCounts, drawing: LaneDrawing): string[] {
  const { frame, output } = drawing;
  const { rising, hanging } = frame.signs;
  const [handCount, itselfCount] = [sum(byHand), sum(byItself)];
  const upper = drawCells(byHand, rising, 'red', drawing);
  const lower = drawCells(byItself, hanging, 'cyan', drawing);
  return [
    writeRow(frame, output.style('bold', name), upper, handCount === 0 ? '' : `  ${handCount} by hand`),
    writeRow(frame, '', lower, itselfCount === 0 ? '' : `  ${itselfCount} by itself`),
  ];
}

function drawCells(
  counts: readonly number[],
  bars: readonly string[],
  color: 'red' | 'cyan',
  { frame, isFrozen, scale, output }: LaneDrawing,
): string {
  const { signs, cellWidth } = frame;
  return counts
    .map((count, index) => {
      const empty = (isFrozen[index] === true ? signs.frozen : signs.empty).repeat(cellWidth);
      return count === 0
        ? output.style('dim', empty)
        : output.style(color, barOf(count, scale, bars).repeat(cellWidth));
    })
    .join('');
}

/** Returns the bar for a count: by the square root, so that few keys are seen beside many. */
function barOf(count: number, scale: number, bars: readonly string[]): string {
  const step = Math.ceil(Math.sqrt(count / scale) * bars.length);
  return bars[Math.min(bars.length, Math.max(1, step)) - 1] ?? '';
}

function legend({ freezes, step, hasMore }: FetchedTimeline, { signs }: PictureFrame): string[] {
  const each = step === 'DAY' ? 'a day' : 'a week, from its Monday on';
  return [
    `Above: stop unless a person acts (${signs.rising.join('')}). Below: renewed by themselves (${signs.hanging.join('')}). Each column is ${each}, in UTC.`,
    ...freezes.map(
      ({ from, to, reason }) =>
        `${signs.frozen} freeze ${from.slice(0, 10)} to ${to.slice(0, 10)}: ${plainLine(reason)}`,
    ),
    ...(hasMore ? ['There are more; --first shows up to 100.'] : []),
  ];
}

/** Draws each key as a line up to its stop: whole if a person has to act, else dotted. The sign at its end says the same. */
export function drawKeys(
  keys: readonly StoppingKeyLane[],
  {
    frame,
    at,
    periods,
    output,
  }: { readonly frame: PictureFrame; readonly at: Date; readonly periods: readonly string[]; readonly output: Styling },
): string[] {
  const { signs, cellWidth } = frame;
  const isAscii = signs.byHand === '^';
  const periodMs = frame.step === 'day' ? DAY_MS : WEEK_MS;
  const startMs = Date.parse(periods[0] ?? at.toISOString());
  const cells = periods.length * cellWidth;
  const cellAt = (ms: number) => Math.min(cells - 1, Math.max(0, Math.floor(((ms - startMs) / periodMs) * cellWidth)));
  return [
    output.style('dim', writeDates(frame, periods)),
    ...keys.map(({ name, stopsAt, byHand }) => {
      const stop = cellAt(Date.parse(stopsAt));
      const now = Math.min(stop, cellAt(at.getTime()));
      const life = (byHand ? (isAscii ? '-' : '─') : isAscii ? '.' : '┄').repeat(stop - now);
      const sign = byHand ? signs.byHand : signs.byItself;
      const bar = `${' '.repeat(now)}${output.style(byHand ? 'red' : 'cyan', `${life}${sign}`)}`;
      const left = describeDuration(Math.max(0, Date.parse(stopsAt) - at.getTime())).replace(/^(\d+ \w+).*$/s, '$1');
      return writeRow(frame, plainLine(name), bar, ` in ${left}${byHand ? '' : ' (renews)'}`);
    }),
    '',
    `${signs.byHand} stops unless a person acts. ${signs.byItself} a program renews it. In UTC.`,
  ];
}

function isInFreeze({ freezes, step }: FetchedTimeline, startMs: number): boolean {
  const endMs = startMs + (step === 'DAY' ? DAY_MS : WEEK_MS);
  return freezes.some(({ from, to }) => Date.parse(from) < endMs && Date.parse(to) > startMs);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
