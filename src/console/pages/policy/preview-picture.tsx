import { useState } from 'react';
import { localDayOf } from '../../parts/time.ts';
import { chartOf, type PreviewChart, type PreviewRow } from './preview-weeks.ts';
import type { Preview } from './preview-query.ts';
import { PreviewTables } from './preview-tables.tsx';

/** How many owners have a row before the person asks for more. */
const ROWS_SHOWN = 8;

const COLUMN = 10;
const LEAST_PX = 3;

const month = new Intl.DateTimeFormat('en-GB', { month: 'short' });
const monthAndYear = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' });

/**
 * When keys stop, with the change and without it, as bars by week, and below it whose keys stop sooner. The tables that follow
 * have the same numbers for everyone.
 */
export function PreviewPicture({ of: preview }: { readonly of: Preview }) {
  const [isWhole, setWhole] = useState(false);
  const chart = chartOf(preview);
  const { columns, rows, weeksPerColumn } = chart;
  if (preview.byWeek.length === 0) return <p>No key stops by itself, with the change or without it.</p>;
  const shown = isWhole ? rows : rows.slice(0, ROWS_SHOWN);
  const per = weeksPerColumn === 1 ? 'a week' : `${String(weeksPerColumn)} weeks`;
  return (
    <>
      <Legend per={per} chart={chart} hasRows={rows.length > 0} />
      <div className="lanes">
        <div className="lane total">
          <p>
            <strong>All keys</strong>
            <span className="count">that stop</span>
          </p>
          <TotalLane of={chart} />
        </div>
        {shown.map((row) => (
          <div key={row.id} className="lane">
            <p>
              <span className="lane-name">{row.name}</span>
              <span className="count">
                {row.nearerCount.toLocaleString('en')} of {row.keyCount.toLocaleString('en')} sooner
              </span>
            </p>
            <OwnerLane of={row} highest={chart.highest} />
          </div>
        ))}
        <div className="lane axis" aria-hidden="true">
          <p />
          <Axis columns={columns} />
        </div>
      </div>
      {rows.length > shown.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {rows.length} owners
        </button>
      )}
      <PreviewTables of={chart} />
    </>
  );
}

interface LegendProps {
  readonly per: string;
  readonly chart: PreviewChart;
  readonly hasRows: boolean;
}

function Legend({ per, chart, hasRows }: LegendProps) {
  return (
    <p className="legend">
      <span>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <rect className="with" width="10" height="10" rx="2" />
        </svg>
        stop with the change
      </span>
      <span>
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <rect className="without" x="1" y="1" width="8" height="8" />
        </svg>
        stop without it
      </span>
      {hasRows && (
        <span>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect className="sooner" width="10" height="10" rx="2" />
          </svg>
          stop sooner than without it
        </span>
      )}
      <span>
        each bar is {per}, the highest {chart.highest.toLocaleString('en')} {chart.highest === 1 ? 'key' : 'keys'}
      </span>
    </p>
  );
}

/** The height of a bar: by the square root, so that one key is seen beside a thousand. */
export function barHeightOf(count: number, highest: number, px: number): number {
  return count === 0 ? 0 : Math.max(LEAST_PX, Math.sqrt(count / highest) * px);
}

const TOTAL_PX = 112;
const ROW_PX = 44;

function TotalLane({ of: { columns, highest } }: { readonly of: PreviewChart }) {
  const width = columns.length * COLUMN;
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${String(width)} ${String(TOTAL_PX)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line x1="0" x2={width} y1={TOTAL_PX - 0.5} y2={TOTAL_PX - 0.5} />
      {columns.map(({ startsAt, before, after }, place) => {
        const [with_, without] = [after, before].map((count) => barHeightOf(count, highest, TOTAL_PX - 2)) as [
          number,
          number,
        ];
        return (
          <g key={startsAt.getTime()}>
            <title>{`From ${localDayOf(startsAt)}: ${String(after)} with the change, ${String(before)} without it`}</title>
            <rect className="with" x={place * COLUMN + 1} width={COLUMN - 2} y={TOTAL_PX - 1 - with_} height={with_} />
            {without > 0 && (
              <rect
                className="without"
                x={place * COLUMN + 1}
                width={COLUMN - 2}
                y={TOTAL_PX - 1 - without}
                height={without}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}

function OwnerLane({ of: { columns }, highest }: { readonly of: PreviewRow; readonly highest: number }) {
  const width = columns.length * COLUMN;
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${String(width)} ${String(ROW_PX)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line x1="0" x2={width} y1={ROW_PX - 0.5} y2={ROW_PX - 0.5} />
      {columns.map((count, place) => {
        const height = barHeightOf(count, highest, ROW_PX - 2);
        return (
          <rect
            // Columns have no identity but their place.
            key={place}
            className="sooner"
            x={place * COLUMN + 1}
            width={COLUMN - 2}
            y={ROW_PX - 1 - height}
            height={height}
          />
        );
      })}
    </svg>
  );
}

/** The months below the bars, as many as have room. */
function Axis({ columns }: { readonly columns: PreviewChart['columns'] }) {
  return (
    <div className="ticks">
      {ticksOf(columns).map(({ startsAt, share, label }) => (
        <span key={startsAt.getTime()} style={{ left: `${String(share * 100)}%` }}>
          {label}
        </span>
      ))}
    </div>
  );
}

/** The share of the width that a label takes in a window of 320 px. */
const MONTH_SHARE = 0.14;
const MONTH_AND_YEAR_SHARE = 0.27;

interface Tick {
  readonly startsAt: Date;
  /** Where it stands: a share of the width. */
  readonly share: number;
  readonly label: string;
}

/** Returns a label for each month that has room after the label before it. The first month of each year has its year. */
function ticksOf(columns: PreviewChart['columns']): readonly Tick[] {
  const ticks: Tick[] = [];
  let nextShare = 0;
  for (const [place, { startsAt }] of columns.entries()) {
    const share = place / columns.length;
    if (share < nextShare || columns[place - 1]?.startsAt.getMonth() === startsAt.getMonth()) continue;
    const isOfNewYear = ticks.at(-1)?.startsAt.getFullYear() !== startsAt.getFullYear();
    ticks.push({ startsAt, share, label: (isOfNewYear ? monthAndYear : month).format(startsAt) });
    nextShare = share + (isOfNewYear ? MONTH_AND_YEAR_SHARE : MONTH_SHARE);
  }
  return ticks;
}
