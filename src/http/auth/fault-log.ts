import type { Logger } from 'pino';
import { SECOND_MS } from '../../domain/duration.ts';
import type { Clock } from '../../store/clock.ts';

/** How many reasons are remembered. Those that strangers can cause are few. */
const REASONS_MAX = 100;

/**
 * Logs why proxies are not configured correctly, each reason once a second at most: strangers can cause such requests at
 * any rate. The next line of a reason counts the ones that were omitted.
 */
export class FaultLog {
  readonly #clock: Clock;
  readonly #logged = new Map<string, { atMs: number; omittedCount: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(log: Logger, reason: string): void {
    const nowMs = this.#clock.now().getTime();
    const logged = this.#logged.get(reason);
    if (logged !== undefined && nowMs - logged.atMs < SECOND_MS) {
      logged.omittedCount += 1;
      return;
    }
    if (this.#logged.size >= REASONS_MAX) this.#logged.clear();
    this.#logged.set(reason, { atMs: nowMs, omittedCount: 0 });
    const omittedCount = logged?.omittedCount ?? 0;
    log.warn({ reason, ...(omittedCount > 0 && { omittedCount }) }, 'proxy misconfigured');
  }
}
