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
