import type { ReactNode } from 'react';
import { DAY_MS } from '../../../domain/duration.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { localDayOf } from '../../parts/time.ts';
import { useNow } from '../../parts/use-now.ts';
import { BrokenConsumers } from './broken-consumers.tsx';
import type { KeyDetails } from './key-query.ts';
import { Rhythm } from './rhythm.tsx';

const DAYS = 30;
const CHART_PX = 88;

/** Returns the name of a consumer; uses without a label have none. */
export const nameOfConsumer = (consumer: string): ReactNode => consumer || 'without a label';

interface UsageProps {
  readonly of: Pick<KeyDetails, 'usage' | 'cadence'>;
  /** Shows the name of a consumer. Default: as text. */
  readonly showConsumer?: (name: string) => ReactNode;
}

/** Who used the key in the last 30 days, how often it was accepted and refused on each, and in which rhythm it is used. */
export function Usage({ of: { usage, cadence }, showConsumer = nameOfConsumer }: UsageProps) {
  const { consumers, days, breakages } = usage;
  const isUnused = days.length === 0 && consumers.length === 0;
  return (
    <section className="sheet">
      <h2>Use in the last 30 days</h2>
      {(!isUnused || cadence != null) && <Rhythm of={cadence} />}
      {isUnused ? <p>The key was not used.</p> : <Days of={days} />}
      {breakages.length > 0 && <BrokenConsumers of={breakages} />}
      {!isUnused && (
        <DataTable name="Use in the last 30 days" columns={['Consumer', { name: 'Uses', isNumber: true }, 'Last used']}>
          {consumers.map(({ name, generation, count, lastUsedAt }) => (
            <tr key={`${String(generation)} ${name}`}>
              <td>
                {showConsumer(name)} <span className="quiet">secret {generation}</span>
              </td>
              <td className="number">{count.toLocaleString('en')}</td>
              <td>
                <MomentButton at={lastUsedAt} />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}

/** A column for each day. Its numbers are in the table that follows for screen readers. */
function Days({ of: days }: { readonly of: KeyDetails['usage']['days'] }) {
  const now = useNow();
  const columns = Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(now.getTime() - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const ofDay = days.filter((entry) => entry.day === day);
    const sum = (isAccepted: boolean) =>
      ofDay
        .filter(({ outcome }) => (outcome === 'VALID') === isAccepted)
        .reduce((total, { count }) => total + count, 0);
    return { day, accepted: sum(true), refused: sum(false) };
  });
  const highest = Math.max(1, ...columns.map(({ accepted, refused }) => accepted + refused));
  const px = (count: number) => (count === 0 ? 0 : Math.max(2, (count / highest) * CHART_PX));
  const accepted = columns.reduce((total, column) => total + column.accepted, 0);
  const refused = columns.reduce((total, column) => total + column.refused, 0);
  return (
    <>
      <p className="legend">
        <span>
          <svg viewBox="0 0 10 10" aria-hidden="true" className="chart-key">
            <rect width="10" height="10" rx="2" fill="var(--teal)" />
          </svg>
          {accepted.toLocaleString('en')} accepted
        </span>
        <span>
          <svg viewBox="0 0 10 10" aria-hidden="true" className="chart-key">
            <path d="M0 10 10 0M0 5 5 0M5 10 10 5" stroke="var(--danger)" strokeWidth="2" />
          </svg>
          {refused.toLocaleString('en')} refused
        </span>
      </p>
      <svg className="chart" viewBox={`0 0 ${String(DAYS * 10)} 96`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={DAYS * 10} y1="95.5" y2="95.5" />
        {columns.map((column, index) => (
          <g key={column.day}>
            <title>{`${localDayOf(new Date(column.day))}: ${String(column.accepted)} accepted, ${String(column.refused)} refused`}</title>
            <rect
              className="accepted"
              x={index * 10 + 1}
              width="8"
              y={95 - px(column.accepted)}
              height={px(column.accepted)}
            />
            <rect
              className="refused"
              x={index * 10 + 1}
              width="8"
              y={95 - px(column.accepted) - px(column.refused)}
              height={px(column.refused)}
            />
          </g>
        ))}
      </svg>
    </>
  );
}
