import { useLayoutEffect } from 'react';
import { ObservableValue, useStore } from '../shell/observable-value.ts';

/** How often relative times are written again. */
const TICK_MS = 15_000;

const now = new ObservableValue(new Date());

setInterval(() => {
  if (!document.hidden) now.set(new Date());
}, TICK_MS);

document.addEventListener('visibilitychange', () => now.set(new Date()));

/** Returns the time, and renders the component again while time passes. */
export function useNow(): Date {
  return useStore(now);
}

/**
 * Returns the time for the words of an instant. What just happened is later than the last tick, and would be shown as ahead:
 * then the time is read again.
 */
export function useNowFor(instant: string): Date {
  const time = useNow();
  useLayoutEffect(() => {
    const ahead = Date.parse(instant) - now.get().getTime();
    if (ahead > 0 && ahead <= TICK_MS) now.set(new Date());
  }, [instant]);
  return time;
}
