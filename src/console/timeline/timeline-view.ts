import { DAY_MS, HOUR_MS, WEEK_MS } from '../../domain/duration.ts';
import type { TimelineStep } from '../api/operations.ts';

/** How much time a timeline shows, and by which periods it counts. */
export interface Span {
  readonly title: string;
  readonly step: TimelineStep;
  /** How much of the past it shows while it begins with the present. */
  readonly beforeMs: number;
  readonly lengthMs: number;
}

export const spans = {
  day: { title: 'Day', step: 'HOUR', beforeMs: 3 * HOUR_MS, lengthMs: 30 * HOUR_MS },
  week: { title: 'Week', step: 'SIX_HOURS', beforeMs: DAY_MS, lengthMs: 9 * DAY_MS },
  quarter: { title: 'Quarter', step: 'DAY', beforeMs: 10 * DAY_MS, lengthMs: 102 * DAY_MS },
  year: { title: 'Year', step: 'WEEK', beforeMs: 4 * WEEK_MS, lengthMs: 57 * WEEK_MS },
} as const satisfies Readonly<Record<string, Span>>;

export type SpanName = keyof typeof spans;

/** What a timeline shows, as the address has it. */
export interface TimelineView {
  readonly span: SpanName;
  /** Where it begins; null: with the present, and moves on with it. */
  readonly from: Date | null;
  /** The ids of the owners whose keys are shown. */
  readonly open: readonly string[];
  readonly isTable: boolean;
  /** Id of the owner in the table; an empty text: all owners. */
  readonly owner: string;
}

/** Lanes beyond these stay closed: an address would otherwise open any number of lists. */
const OPEN_MAX = 20;

const instantShape = /^\d{4}-\d\d-\d\d(T\d\d:\d\dZ)?$/;

/** Reads the view of an address. What it does not know is left out. */
export function readTimelineView(search: string): TimelineView {
  const query = new URLSearchParams(search);
  const span = query.get('span') ?? '';
  const from = query.get('from') ?? '';
  const instant = new Date(instantShape.test(from) ? from : Number.NaN);
  return {
    span: Object.hasOwn(spans, span) ? (span as SpanName) : 'year',
    from: Number.isNaN(instant.getTime()) ? null : instant,
    open: [...new Set(query.getAll('open'))].slice(0, OPEN_MAX),
    isTable: query.get('view') === 'table',
    owner: query.get('owner') ?? '',
  };
}

/** Writes a view as the query of an address. The view of a page that was just opened gives an empty text. */
export function writeTimelineView({ span, from, open, isTable, owner }: TimelineView): string {
  const query = new URLSearchParams();
  if (span !== 'year') query.set('span', span);
  if (from !== null)
    query.set(
      'from',
      from
        .toISOString()
        .replace(/:\d\d\.\d+Z$/, 'Z')
        .replace('T00:00Z', ''),
    );
  for (const id of open) query.append('open', id);
  if (isTable) query.set('view', 'table');
  if (owner !== '') query.set('owner', owner);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Returns when a timeline begins, in milliseconds: the same for an hour. */
export function startOf({ span, from }: Pick<TimelineView, 'span' | 'from'>, now: Date): number {
  const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return from?.getTime() ?? hour - spans[span].beforeMs;
}

/** Returns the view half a span earlier or later. */
export function moveView(view: TimelineView, now: Date, direction: -1 | 1): TimelineView {
  return { ...view, from: new Date(startOf(view, now) + (direction * spans[view.span].lengthMs) / 2) };
}

/** Returns the view with the keys of an owner shown, or no longer. */
export function toggleLane(view: TimelineView, id: string): TimelineView {
  const { open } = view;
  return { ...view, open: open.includes(id) ? open.filter((other) => other !== id) : [...open, id] };
}
