import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '../../session/session-context.ts';
import { useStore } from '../../shell/observable-value.ts';
import { Chart, heightOf, type TimelineRow } from '../../timeline/chart.tsx';
import { OpenLanes, type OpenLane } from '../../timeline/open-lanes.ts';
import type { ShownTimeline } from '../../timeline/timeline-data.ts';

/** How many keys ahead of the last one in view the next page of a lane is read. */
const READ_AHEAD = 40;

interface WholeChartProps {
  readonly shown: ShownTimeline;
  /** Whether another time is being read, and this is the one before. */
  readonly isOld: boolean;
  readonly open: readonly string[];
  readonly hasMore: boolean;
  /** Always the same function: another one would render all lanes again. */
  readonly onToggle: (id: string) => void;
  readonly onNearEnd: () => void;
}

/** All lanes, and the keys of those that are open. Only the rows in view are in the document; the page scrolls. */
export function WholeChart({ shown, isOld, open, hasMore, onToggle, onNearEnd }: WholeChartProps) {
  const body = useRef<HTMLDivElement>(null);
  const { openLanes, lanes } = useOpenLanes(open, shown);
  const rows = useMemo(() => listRows(shown, lanes, hasMore), [shown, lanes, hasMore]);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    setScrollMargin(body.current === null ? 0 : body.current.getBoundingClientRect().top + window.scrollY);
  });
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: useCallback((index: number) => rowHeight(rows[index]), [rows]),
    overscan: 4,
    scrollMargin,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rows]);
  const items = virtualizer.getVirtualItems();
  const placed = items.flatMap(({ index, start }) => {
    const row = rows[index];
    return row === undefined ? [] : [{ row, start: start - scrollMargin }];
  });
  useEffect(() => {
    for (const { row } of placed) {
      if (row.kind === 'more') onNearEnd();
      if (row.kind === 'key' && row.index + READ_AHEAD >= row.of.keys.length) void openLanes.readMore(row.lane.id);
    }
  });
  return (
    <div className={isOld ? 'old' : ''} aria-busy={isOld}>
      <Chart
        shown={shown}
        rows={placed}
        height={virtualizer.getTotalSize()}
        body={body}
        onToggle={onToggle}
        onRetry={(id) => openLanes.retry(id)}
      />
    </div>
  );
}

function rowHeight(row: TimelineRow | undefined): number {
  return row === undefined ? 0 : heightOf(row);
}

/** Reads the keys of the lanes that are open, and follows their changes. */
function useOpenLanes(open: readonly string[], { from, to }: ShownTimeline) {
  const { client, live } = useSession();
  const openLanes = useMemo(() => new OpenLanes(client, { from, to, open }), [client, from, to]);
  useEffect(() => {
    const stopListening = live.listen((change) => openLanes.take(change));
    return () => {
      stopListening();
      openLanes.stop();
    };
  }, [openLanes, live]);
  useEffect(() => openLanes.show(open));
  return { openLanes, lanes: useStore(openLanes.lanes) };
}

/** Returns the rows of a timeline: as many for the keys of an open lane as it has, whether or not they were read. */
function listRows(shown: ShownTimeline, lanes: ReadonlyMap<string, OpenLane>, hasMore: boolean): TimelineRow[] {
  const rows: TimelineRow[] = [{ kind: 'all', lane: shown.all }];
  for (const lane of shown.lanes) {
    const of = lanes.get(lane.id);
    rows.push({ kind: 'lane', lane, isOpen: of !== undefined });
    if (of === undefined) continue;
    const count = of.hasMore ? Math.max(of.keys.length + 1, lane.stops) : of.keys.length;
    for (let index = 0; index < count; index += 1) rows.push({ kind: 'key', lane, index, of });
    if (of.problem !== null) rows.push({ kind: 'problem', lane, message: of.problem });
  }
  if (hasMore) rows.push({ kind: 'more' });
  return rows;
}
