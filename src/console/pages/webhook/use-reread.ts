import { useEffect, useEffectEvent } from 'react';

/**
 * Reads again once in a while, as long as the page is seen. For attempts of deliveries: they are not events, as they would have
 * to be delivered themselves.
 */
export function useReread(readAgain: () => void, everyMs: number): void {
  const read = useEffectEvent(() => {
    if (!document.hidden) readAgain();
  });
  useEffect(() => {
    const timer = setInterval(() => read(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
