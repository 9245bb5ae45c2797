import { DAY_MS, HOUR_MS } from '../../domain/duration.ts';
import type { LaneCounts } from './timeline-data.ts';

/** The part of a timeline on the screen: a time, and the pixels that it has. */
export interface Plot {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Returns how far from the left an instant is, in pixels. */
export function xOf({ from, to, width }: Plot, at: number): number {
  return ((at - from) / (to - from)) * width;
}

/** Returns the period that is at a place, by its index; null: none is. */
export function periodAt(starts: readonly number[], plot: Plot, x: number): number | null {
  const at = plot.from + (x / plot.width) * (plot.to - plot.from);
  const index = starts.findLastIndex((start) => start <= at);
  return index < 0 || at >= plot.to ? null : index;
}

/** Where the line of a lane is, and how much place is above and below it. */
export interface LaneShape {
  readonly height: number;
  readonly line: number;
  readonly above: number;
  readonly below: number;
}

export const laneShapes = {
  all: { height: 140, line: 76, above: 54, below: 56 },
  owner: { height: 64, line: 36, above: 22, below: 24 },
} as const satisfies Readonly<Record<string, LaneShape>>;

/** Returns the pixels of a count: by the square root, one scale above and below the line, and at least 2. */
export type Scale = (count: number) => number;

/** Returns the scale by which the highest bars of all these lanes fill their place. */
export function scaleOf(lanes: readonly LaneCounts[], { above, below }: LaneShape): Scale {
  const most = (list: readonly (readonly number[])[]) => list.flat().reduce((high, count) => Math.max(high, count), 1);
  const mostAbove = most(lanes.flatMap(({ byHand, stopped }) => [byHand, stopped]));
  const mostBelow = most(
    lanes.map(({ byItself, retirements }) => byItself.map((count, index) => count + (retirements[index] ?? 0))),
  );
  const factor = Math.min(above / Math.sqrt(mostAbove), below / Math.sqrt(mostBelow));
  return (count) => (count === 0 ? 0 : Math.max(2, factor * Math.sqrt(count)));
}

/** The paths of the bars of a lane, one for each kind. */
export interface LanePaths {
  readonly stopped: string;
  readonly byHand: string;
  readonly byItself: string;
  /** Retirements of old secrets: they stand below what renews by itself. */
  readonly rotating: string;
  /** The highest bar by hand: where its number stands. */
  readonly peak: { readonly x: number; readonly y: number; readonly count: number } | null;
}

interface PlottedTimeline {
  readonly at: number;
  readonly starts: readonly number[];
}

/** Returns the paths of the bars of a lane. */
export function lanePaths(
  { byHand, byItself, retirements, stopped }: LaneCounts,
  { at, starts }: PlottedTimeline,
  plot: Plot,
  { line }: LaneShape,
  scale: Scale,
): LanePaths {
  const now = xOf(plot, at);
  const column = (index: number) => {
    const left = xOf(plot, starts[index] ?? plot.to);
    const right = xOf(plot, starts[index + 1] ?? plot.to);
    const gap = right - left > 6 ? 1 : 0.25;
    return { left: left + gap, right: right - gap };
  };
  const bars = (counts: readonly number[], draw: (index: number, count: number) => string) =>
    counts.map((count, index) => (count === 0 ? '' : draw(index, count))).join('');
  // In the present period the stops to come begin now, and those that were end now.
  const ahead = (index: number) => ({ ...column(index), left: Math.max(column(index).left, now) });
  const behind = (index: number) => ({ ...column(index), right: Math.min(column(index).right, now) });
  const highest = byHand.reduce((best, count, index) => (count > (byHand[best] ?? 0) ? index : best), 0);
  const count = byHand[highest] ?? 0;
  return {
    stopped: bars(stopped, (index, count) => barPath(behind(index), line, line - scale(count))),
    byHand: bars(byHand, (index, count) => barPath(ahead(index), line, line - scale(count))),
    byItself: bars(byItself, (index, count) => barPath(ahead(index), line, line + scale(count))),
    rotating: bars(retirements, (index, count) => {
      const base = scale(byItself[index] ?? 0);
      return barPath(ahead(index), line + base, line + Math.max(base + 2, scale((byItself[index] ?? 0) + count)));
    }),
    peak: count === 0 ? null : { x: middleOf(ahead(highest)), y: line - scale(count) - 4, count },
  };
}

interface Column {
  readonly left: number;
  readonly right: number;
}

const middleOf = ({ left, right }: Column) => (left + right) / 2;

/** Returns the path of a bar from the line to its end, whose corners are round. */
function barPath({ left, right }: Column, line: number, end: number): string {
  const wide = Math.max(right - left, 1);
  const side = end < line ? 1 : -1;
  const round = Math.min(2, wide / 2, Math.abs(end - line));
  const n = (value: number) => String(Math.round(value * 10) / 10);
  return `M${n(left)} ${n(line)}V${n(end + side * round)}q0 ${n(-side * round)} ${n(round)} ${n(-side * round)}h${n(wide - 2 * round)}q${n(round)} 0 ${n(round)} ${n(side * round)}V${n(line)}z`;
}

/** A mark of the axis. */
export interface Tick {
  readonly at: number;
  readonly x: number;
  readonly words: string;
  readonly isBold: boolean;
}

/** Words of ticks are at least so far apart. */
const TICK_PX = 46;

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format;
const month = utc({ month: 'short' });
const year = utc({ year: 'numeric' });
const day = utc({ day: 'numeric', month: 'short' });
const localDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format;
const localHour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format;

/**
 * Returns the ticks of an axis: months, weeks, days or hours, by how much time it has. Periods of a day and longer are those of
 * UTC, and so are their ticks; days and hours are local.
 */
export function ticksOf(plot: Plot): Tick[] {
  const length = plot.to - plot.from;
  const candidates =
    length > 200 * DAY_MS
      ? months(plot)
      : length > 20 * DAY_MS
        ? weeks(plot)
        : length > 3 * DAY_MS
          ? days(plot)
          : hours(plot);
  const placed: Tick[] = [];
  const isFree = ({ x }: Tick) => placed.every((other) => Math.abs(other.x - x) >= TICK_PX);
  const ticks = candidates.map((tick) => ({ ...tick, x: xOf(plot, tick.at) })).filter(({ x }) => x < plot.width - 28);
  // The bold ones first: they say the year, the month or the day.
  for (const tick of [...ticks.filter(({ isBold }) => isBold), ...ticks]) if (isFree(tick)) placed.push(tick);
  return placed.toSorted((a, b) => a.x - b.x);
}

type Candidate = Omit<Tick, 'x'>;

function months({ from, to }: Plot): Candidate[] {
  const first = new Date(from);
  const starts = Array.from({ length: 60 }, (_, index) =>
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index),
  );
  return starts
    .filter((at) => at >= from && at < to)
    .map((at) => {
      const isBold = new Date(at).getUTCMonth() === 0;
      return { at, words: isBold ? year(at) : month(at), isBold };
    });
}

function weeks({ from, to }: Plot): Candidate[] {
  const starts = Array.from({ length: Math.ceil((to - from) / DAY_MS) }, (_, index) => from + index * DAY_MS);
  return starts
    .filter((at) => new Date(at).getUTCDay() === 1)
    .map((at) => ({ at, words: day(at), isBold: new Date(at).getUTCDate() <= 7 }));
}

function days({ from, to }: Plot): Candidate[] {
  const midnight = new Date(from).setHours(24, 0, 0, 0);
  const starts = Array.from({ length: Math.ceil((to - from) / DAY_MS) }, (_, index) =>
    new Date(midnight).setHours(24 * index),
  );
  return starts.filter((at) => at < to).map((at) => ({ at, words: localDay(at), isBold: new Date(at).getDay() === 1 }));
}

function hours({ from, to, width }: Plot): Candidate[] {
  const hourPx = (width * HOUR_MS) / (to - from);
  const every = [1, 2, 3, 6, 12].find((count) => count * hourPx >= TICK_PX) ?? 24;
  const first = new Date(from).setMinutes(60, 0, 0);
  const starts = Array.from({ length: Math.ceil((to - from) / HOUR_MS) }, (_, index) => first + index * HOUR_MS);
  return starts
    .filter((at) => at < to && new Date(at).getHours() % every === 0)
    .map((at) => {
      const isBold = new Date(at).getHours() === 0;
      return { at, words: isBold ? localDay(at) : localHour(at), isBold };
    });
}
