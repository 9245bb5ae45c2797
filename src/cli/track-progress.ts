import { describeDuration } from '../domain/duration.ts';
import type { Output } from './output.ts';

/**
 * Returns a function that shows progress on the terminal: the count, the rate and, if the total is known, the time
 * left.
 */
export function trackProgress(output: Output, now: () => Date, things: string, total: number | null) {
  const startedMs = now().getTime();
  return (count: number): void => {
    const seconds = Math.max(0.001, (now().getTime() - startedMs) / 1000);
    const rate = count / seconds;
    const countText = total === null ? `${count} ${things}` : `${count} of ${total} ${things}`;
    const secondsLeft = total === null || count === 0 ? null : Math.max(0, Math.ceil((total - count) / rate));
    const timeLeft = secondsLeft === null ? '' : `, ${describeDuration(secondsLeft * 1000)} left`;
    output.progress(`${countText}, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second${timeLeft}`);
  };
}
