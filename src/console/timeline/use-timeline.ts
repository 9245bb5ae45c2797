import { useEffect, useMemo, useState } from 'react';
import { useNow } from '../parts/use-now.ts';
import { useSession } from '../session/session-context.ts';
import { useStore } from '../shell/observable-value.ts';
import { concernsTimeline, TimelineData, type ShownTimeline } from './timeline-data.ts';
import { spans, startOf, type TimelineView } from './timeline-view.ts';

/** Reads the timeline of a view. Until another view has been read, the one before stays. */
export function useTimeline(view: Pick<TimelineView, 'span' | 'from'>, pageSize: number) {
  const { client, live } = useSession();
  const from = startOf(view, useNow());
  const { step, lengthMs } = spans[view.span];
  const data = useMemo(
    () => new TimelineData(client, { from, to: from + lengthMs, step, pageSize }),
    [client, from, lengthMs, step, pageSize],
  );
  useEffect(() => {
    data.start();
    const stopListening = live.listen((change) => concernsTimeline(change) && data.readAgain());
    return () => {
      stopListening();
      data.stop();
    };
  }, [data, live]);
  const { shown, hasMore, problem } = useStore(data.state);
  const [last, setLast] = useState<ShownTimeline | null>(null);
  if (shown !== null && shown !== last) setLast(shown);
  return { shown: shown ?? last, isOld: shown === null, hasMore, problem, data };
}
