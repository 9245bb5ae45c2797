import { useEffect, useEffectEvent } from 'react';

const POLL_MS = 2_000;

/** Reads again each two seconds, or so often, while something runs that sends no events, such as the review of all keys of a realm. */
export function usePolling(isRunning: boolean, readAgain: () => void, periodMs = POLL_MS): void {
  const poll = useEffectEvent(readAgain);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => {
      if (!document.hidden) poll();
    }, periodMs);
    return () => clearInterval(timer);
  }, [isRunning, periodMs]);
}
