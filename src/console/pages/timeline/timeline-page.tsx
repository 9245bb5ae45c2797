import { useEffect } from 'react';
import { Problem } from '../../parts/problem.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { Legend } from '../../timeline/chart.tsx';
import { countWords } from '../../timeline/period-words.ts';
import type { OwnerLane } from '../../timeline/timeline-data.ts';
import { TimelineTable } from '../../timeline/timeline-table.tsx';
import {
  moveView,
  readTimelineView,
  spans,
  toggleLane,
  writeTimelineView,
  type SpanName,
  type TimelineView,
} from '../../timeline/timeline-view.ts';
import { useTimeline } from '../../timeline/use-timeline.ts';
import { WholeChart } from './whole-chart.tsx';

const LANES_AT_ONCE = 100;

function show(view: TimelineView, isReplaced = false): void {
  navigate(`${paths.timeline}${writeTimelineView(view)}`, { isReplaced });
}

function toggle(id: string): void {
  show(toggleLane(readTimelineView(window.location.search), id), true);
}

/** When keys stop, for each owner: by hand or by themselves. What is shown is in the address. */
export default function TimelinePage() {
  const { search } = usePlace();
  const view = readTimelineView(search);
  const { shown, isOld, hasMore, problem, data } = useTimeline(view, LANES_AT_ONCE);
  const { isTable } = view;
  // The table names all owners, which the lanes read as the person scrolls.
  useEffect(() => {
    if (isTable && hasMore) data.readMore();
  });
  return (
    <>
      <div className="title-row">
        <PageTitle title="What stops, and when" />
        {shown !== null && <Summary of={shown.all} />}
      </div>
      <Controls view={view} onChange={show} />
      {problem !== null && (
        <Problem title="The timeline could not be read" message={problem} onRetry={() => data.readAgain()} />
      )}
      {shown === null && problem === null && <Waiting what="the timeline" />}
      {shown !== null && isTable && (
        <TimelineTable shown={shown} owner={view.owner} onOwner={(owner) => show({ ...view, owner }, true)} />
      )}
      {shown !== null && !isTable && (
        <>
          <Legend />
          <WholeChart
            shown={shown}
            isOld={isOld}
            open={view.open}
            hasMore={hasMore}
            onToggle={toggle}
            onNearEnd={() => data.readMore()}
          />
          <p className="quiet">
            Days and weeks are those of UTC. Keys of CI jobs are not shown: they end with their job. In a lane, the
            arrow keys read its periods.
          </p>
        </>
      )}
    </>
  );
}

function Summary({ of: { stops, byHand, stopped } }: { readonly of: OwnerLane }) {
  return (
    <span className="count" role="status">
      {countWords(stops)} {stops === 1 ? 'key stops' : 'keys stop'} in this time, {countWords(byHand)} of them unless a
      person acts.
      {stopped > 0 && ` ${countWords(stopped)} ${stopped === 1 ? 'has' : 'have'} stopped.`}
    </span>
  );
}

interface ControlsProps {
  readonly view: TimelineView;
  readonly onChange: (view: TimelineView, isReplaced?: boolean) => void;
}

function Controls({ view, onChange }: ControlsProps) {
  const now = useNow();
  const names = Object.keys(spans) as SpanName[];
  return (
    <div className="timeline-controls">
      <div role="group" aria-label="How much time" className="joined">
        {names.map((span) => (
          <button
            key={span}
            type="button"
            aria-pressed={view.span === span}
            onClick={() => onChange({ ...view, span, from: null })}
          >
            {spans[span].title}
          </button>
        ))}
      </div>
      <div role="group" aria-label="Which time" className="joined">
        <button type="button" onClick={() => onChange(moveView(view, now, -1), true)}>
          Earlier
        </button>
        <button
          type="button"
          aria-disabled={view.from === null}
          onClick={() => view.from !== null && onChange({ ...view, from: null }, true)}
        >
          Now
        </button>
        <button type="button" onClick={() => onChange(moveView(view, now, 1), true)}>
          Later
        </button>
      </div>
      <button type="button" aria-pressed={view.isTable} onClick={() => onChange({ ...view, isTable: !view.isTable })}>
        As a table
      </button>
    </div>
  );
}
