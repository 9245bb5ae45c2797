import { useEffect, useEffectEvent } from 'react';
import { useQuery, type AnyVariables, type UseQueryArgs, type UseQueryState } from 'urql';
import { useLive } from './live-context.ts';
import type { LiveChange } from './live-events.ts';
import { Pacer } from './pacer.ts';

/** A query is read again at most once in this time, however many events concern it. */
const PAUSE_MS = 1_000;

type LiveQuery<Data, Variables extends AnyVariables> = UseQueryArgs<Variables, Data> & {
  /** Whether an event changes the result. */
  readonly concerns: (change: Exclude<LiveChange, 'GAP'>) => boolean;
  /** How long it is not read again after it was. Default: 1 second. */
  readonly pauseMs?: number;
};

/** Reads a query, and reads it again after events that concern it: at once, and then after a pause. */
export function useLiveQuery<Data, Variables extends AnyVariables>({
  concerns,
  pauseMs = PAUSE_MS,
  ...query
}: LiveQuery<Data, Variables>): [UseQueryState<Data, Variables>, () => void] {
  const live = useLive();
  const [state, execute] = useQuery<Data, Variables>({
    requestPolicy: 'cache-and-network',
    ...query,
  } as UseQueryArgs<Variables, Data>);
  const readAgain = useEffectEvent(() => execute({ requestPolicy: 'network-only' }));
  const isConcerned = useEffectEvent((change: LiveChange) => change === 'GAP' || concerns(change));
  useEffect(() => {
    const pacer = new Pacer(() => readAgain(), pauseMs);
    const stop = live.listen((change) => {
      if (isConcerned(change)) pacer.ask();
    });
    return () => {
      stop();
      pacer.stop();
    };
  }, [live, pauseMs]);
  return [state, () => execute({ requestPolicy: 'network-only' })];
}
