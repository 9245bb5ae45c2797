import type { Clock } from '../store/clock.ts';
import { sendJson } from './responses.ts';
import type { HttpHandler } from './http-exchange.ts';

/** How long a check may take before it counts as failed. */
export const HEALTH_CHECK_TIMEOUT_MS = 2_000;

/** What a check found: whether the gateway may be sent work, and a sentence for people. Shown to anyone. */
export interface HealthCheckResult {
  readonly isReady: boolean;
  readonly message: string;
}

/** Looks at one thing that the gateway needs, such as the database. What it throws counts as not ready and is logged. */
export type HealthCheck = () => HealthCheckResult | Promise<HealthCheckResult>;

/**
 * GET /livez and /readyz. Alive is who answers, and says its version. Ready is who is not draining and whose checks all say so within 2 s: 200,
 * else 503, both with every check's state. Checks run at the same time; one that hangs is not started again before it has
 * ended, however often one asks.
 */
export class Health {
  readonly #clock: Clock;
  readonly #version: string;
  readonly #checks: ReadonlyMap<string, HealthCheck>;
  readonly #running = new Map<string, Promise<HealthCheckResult>>();
  #isDraining = false;

  constructor(clock: Clock, checks: { readonly [name: string]: HealthCheck }, version: string) {
    this.#clock = clock;
    this.#version = version;
    this.#checks = new Map(Object.entries(checks));
  }

  /** From now on it is not ready, so that load balancers send no more. */
  drain(): void {
    this.#isDraining = true;
  }

  readonly live: HttpHandler = (_request, response) =>
    sendJson(response, 200, { status: 'ALIVE', version: this.#version });

  readonly ready: HttpHandler = async (_request, response, { log }) => {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => {
        const result = await this.#result(name, check).catch((error: unknown) => {
          log.warn({ err: error, check: name }, 'a health check failed');
          return { isReady: false, message: 'The check failed; the log knows more.' };
        });
        return [name, result] as const;
      }),
    );
    const isReady = !this.#isDraining && results.every(([, result]) => result.isReady);
    const status = this.#isDraining ? 'DRAINING' : isReady ? 'READY' : 'NOT_READY';
    sendJson(response, isReady ? 200 : 503, { status, checks: Object.fromEntries(results) });
  };

  async #result(name: string, check: HealthCheck): Promise<HealthCheckResult> {
    const running =
      this.#running.get(name) ?? (async () => await check())().finally(() => void this.#running.delete(name));
    this.#running.set(name, running);
    const late = Promise.withResolvers<HealthCheckResult>();
    const message = `The check took longer than ${HEALTH_CHECK_TIMEOUT_MS / 1000} s.`;
    const cancel = this.#clock.after(HEALTH_CHECK_TIMEOUT_MS, () => late.resolve({ isReady: false, message }));
    return await Promise.race([running, late.promise]).finally(cancel);
  }
}
