import { useId, useState } from 'react';
import { paths } from '../routes.ts';
import { Link } from '../shell/link.tsx';
import { countWords, periodWords } from './period-words.ts';
import type { ShownTimeline } from './timeline-data.ts';

/** How many periods are shown at first, and with each request for more. */
const PERIODS = 60;

const columns = [
  ['byHand', 'Stop by hand'],
  ['byItself', 'Stop or renew by themselves'],
  ['renewals', 'Planned renewals'],
  ['retirements', 'Old secrets retire'],
  ['stopped', 'Have stopped'],
] as const;

interface TimelineTableProps {
  readonly shown: ShownTimeline;
  /** Id of the owner; an empty text: all owners. */
  readonly owner: string;
  readonly onOwner: (id: string) => void;
}

/** The timeline as a table: the numbers of one owner or of all, by period. Periods in which nothing happens are left out. */
export function TimelineTable({ shown, owner, onOwner }: TimelineTableProps) {
  const selectId = useId();
  const [count, setCount] = useState(PERIODS);
  const { starts, to, all, lanes, freezes } = shown;
  const lane = lanes.find(({ id }) => id === owner) ?? all;
  const used = columns.filter(([kind]) => lane.counts[kind].some((number) => number > 0));
  const periods = starts.flatMap((start, index) => {
    const end = starts[index + 1] ?? to;
    const numbers = used.map(([kind]) => lane.counts[kind][index] ?? 0);
    if (numbers.every((number) => number === 0)) return [];
    const frozen = freezes.filter((freeze) => freeze.from < end && freeze.to > start).map(({ words }) => words);
    return [{ start, words: [periodWords(start, end), ...frozen].join(', freeze: '), numbers }];
  });
  return (
    <section className="sheet timeline-table" aria-label="As a table">
      <div className="field timeline-owner">
        <label htmlFor={selectId}>Owner</label>
        <select id={selectId} value={lane.id} onChange={({ target }) => onOwner(target.value)}>
          <option value="">All owners</option>
          {lanes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {periods.length === 0 ? (
        <p>Nothing happens in this time.</p>
      ) : (
        <div className="scroll" role="group" tabIndex={0} aria-label="Periods, scrolls sideways">
          <table>
            <caption className="unseen">What stops, by period: {lane.name}</caption>
            <thead>
              <tr>
                <th scope="col">Period</th>
                {used.map(([kind, name]) => (
                  <th key={kind} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {periods.slice(0, count).map(({ start, words, numbers }) => (
                <tr key={start}>
                  <th scope="row">{words}</th>
                  {numbers.map((number, index) => (
                    <td key={used[index]?.[0]} className="number">
                      {countWords(number)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="buttons">
        {periods.length > count && (
          <button type="button" onClick={() => setCount(count + PERIODS)}>
            Show {countWords(Math.min(PERIODS, periods.length - count))} more periods
          </button>
        )}
        <Link className="button" href={`${paths.keys}${lane.id === '' ? '' : `?owner=${encodeURIComponent(lane.id)}`}`}>
          {lane.id === '' ? 'All keys' : `The keys of ${lane.name}`}
        </Link>
      </div>
    </section>
  );
}
