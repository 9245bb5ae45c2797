import { useEffect, useEffectEvent } from 'react';
import { useQuery, type AnyVariables, type UseQueryArgs, type UseQueryState } from 'urql';
import { useSession } from '../session/session-context.ts';
import type { LiveChange } from './live-events.ts';

/** A query is read again at most once in this time, however many events concern it. */
const PAUSE_MS = 1_000;

type LiveQuery<Data, Variables extends AnyVariables> = UseQueryArgs<Variables, Data> & {
  /** Whether an event changes the result. */
  readonly concerns: (change: Exclude<LiveChange, 'GAP'>) => boolean;
};

/** Reads a query, and reads it again after events that concern it: at once, and then at most once a second. */
export function useLiveQuery<Data, Variables extends AnyVariables>({
  concerns,
  ...query
}: LiveQuery<Data, Variables>): [UseQueryState<Data, Variables>, () => void] {
  const { live } = useSession();
  const [state, execute] = useQuery<Data, Variables>({
    requestPolicy: 'cache-and-network',
    ...query,
  } as UseQueryArgs<Variables, Data>);
  const readAgain = useEffectEvent(() => execute({ requestPolicy: 'network-only' }));
  const isConcerned = useEffectEvent((change: LiveChange) => change === 'GAP' || concerns(change));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDue = false;
    const run = () => {
      isDue = false;
      readAgain();
      timer = setTimeout(() => {
        timer = undefined;
        if (isDue) run();
      }, PAUSE_MS);
    };
    const stop = live.listen((change) => {
      if (!isConcerned(change)) return;
      if (timer === undefined) run();
      else isDue = true;
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [live]);
  return [state, () => execute({ requestPolicy: 'network-only' })];
}
