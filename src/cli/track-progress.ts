import { describeDuration } from '../domain/duration.ts';
import type { Output } from './output.ts';

/**
 * Shows how far many things have come: how many, at which rate and, where it is known how many there are, how long it takes
 * still. On a terminal alone.
 */
export function trackProgress(output: Output, now: () => Date, things: string, total: number | null) {
  const beganMs = now().getTime();
  return (count: number): void => {
    const seconds = Math.max(0.001, (now().getTime() - beganMs) / 1000);
    const rate = count / seconds;
    const known = total === null ? `${count} ${things}` : `${count} of ${total} ${things}`;
    const left = total === null || count === 0 ? null : Math.max(0, Math.ceil((total - count) / rate));
    const remaining = left === null ? '' : `, ${describeDuration(left * 1000)} left`;
    output.progress(`${known}, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second${remaining}`);
  };
}
