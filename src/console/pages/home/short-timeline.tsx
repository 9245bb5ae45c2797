import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Chart, heightOf, Legend, type PlacedRow, type TimelineRow } from '../../timeline/chart.tsx';
import { countWords } from '../../timeline/period-words.ts';
import { useTimeline } from '../../timeline/use-timeline.ts';

/** How many owners the start shows: those with the most stops by hand. */
const LANES = 3;

const view = { span: 'year', from: null } as const;

/** The next 12 months: all owners, and the first lanes. */
export function ShortTimeline() {
  const { shown, problem, data } = useTimeline(view, LANES);
  if (problem !== null)
    return <Problem title="The timeline could not be read" message={problem} onRetry={() => data.readAgain()} />;
  // It has its height already, so that nothing moves when it comes.
  if (shown === null) return <div className="short-timeline unread-timeline" />;
  const lanes: readonly TimelineRow[] = shown.lanes.slice(0, LANES).map((lane) => ({ kind: 'lane', lane }));
  const { rows, height } = place([{ kind: 'all', lane: shown.all }, ...lanes]);
  return (
    <section className="short-timeline" aria-label="The next 12 months">
      <div className="title-row">
        <h2>The next 12 months</h2>
        <span className="count">
          {countWords(shown.all.stops)} {shown.all.stops === 1 ? 'key stops' : 'keys stop'},{' '}
          {countWords(shown.all.byHand)} unless a person acts
        </span>
        <Link href={paths.timeline}>The whole timeline</Link>
      </div>
      <Legend />
      <Chart
        shown={shown}
        rows={rows}
        height={height}
        hrefOf={(id) => `${paths.timeline}?open=${encodeURIComponent(id)}`}
      />
    </section>
  );
}

/** Places rows one below the other. */
function place(rows: readonly TimelineRow[]): { readonly rows: PlacedRow[]; readonly height: number } {
  const placed: PlacedRow[] = [];
  let height = 0;
  for (const row of rows) {
    placed.push({ row, start: height });
    height += heightOf(row);
  }
  return { rows: placed, height };
}
