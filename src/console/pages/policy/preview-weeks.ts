import { WEEK_MS } from '../../../domain/duration.ts';
import type { Preview } from './preview-query.ts';

/** A column of the picture: one week, or several where the preview reaches far. */
export interface PreviewColumn {
  readonly startsAt: Date;
  readonly before: number;
  readonly after: number;
}

/** A row of the picture: how many keys of an owner stop sooner, by column. */
export interface PreviewRow {
  readonly id: string;
  readonly name: string;
  readonly keyCount: number;
  readonly nearerCount: number;
  readonly columns: readonly number[];
  /** The first week in which a key stops that would otherwise live longer; null: it is not among the weeks of the preview. */
  readonly firstAt: Date | null;
}

export interface PreviewChart {
  readonly weeksPerColumn: number;
  readonly columns: readonly PreviewColumn[];
  /** The owners with keys that stop sooner, most keys first. */
  readonly rows: readonly PreviewRow[];
  /** The greatest number in a column. */
  readonly highest: number;
}

const COLUMNS_MAX = 60;

/** The picture begins with half a year, so that a few weeks do not look like all time. */
const WEEKS_MIN = 26;

/** Returns the columns and rows of a preview, weeks without stops included. */
export function chartOf({ at, byWeek, byOwner }: Preview): PreviewChart {
  const start = Date.parse(at);
  const weekOf = (startsAt: string) => Math.round((Date.parse(startsAt) - start) / WEEK_MS);
  const weekCount = Math.max(WEEKS_MIN, 1 + Math.max(0, ...byWeek.map(({ startsAt }) => weekOf(startsAt))));
  const weeksPerColumn = Math.ceil(weekCount / COLUMNS_MAX);
  const columnCount = Math.ceil(weekCount / weeksPerColumn);
  const columnOf = (startsAt: string) => Math.floor(weekOf(startsAt) / weeksPerColumn);
  const emptyColumns = () => Array.from({ length: columnCount }, () => 0);
  const [before, after] = [emptyColumns(), emptyColumns()];
  for (const week of byWeek) {
    const column = columnOf(week.startsAt);
    before[column] = (before[column] ?? 0) + week.before;
    after[column] = (after[column] ?? 0) + week.after;
  }
  const rows = byOwner
    .filter(({ nearerCount }) => nearerCount > 0)
    .map(({ owner: { id, name }, keyCount, nearerCount, nearerByWeek }) => {
      const columns = emptyColumns();
      for (const [place, count] of nearerByWeek.entries()) {
        const column = columnOf(byWeek[place]?.startsAt ?? at);
        columns[column] = (columns[column] ?? 0) + count;
      }
      const first = byWeek[nearerByWeek.findIndex((count) => count > 0)];
      return {
        id,
        name,
        keyCount,
        nearerCount,
        columns,
        firstAt: first === undefined ? null : new Date(first.startsAt),
      };
    });
  const columns = before.map((count, column) => ({
    startsAt: new Date(start + column * weeksPerColumn * WEEK_MS),
    before: count,
    after: after[column] ?? 0,
  }));
  const highest = Math.max(1, ...columns.map((column) => Math.max(column.before, column.after)));
  return { weeksPerColumn, columns, rows, highest };
}
