import type { Clock } from '../store/clock.ts';
import { sendJson } from './responses.ts';
import type { HttpHandler } from './http-exchange.ts';

/** A check that takes longer counts as failed. */
export const HEALTH_CHECK_TIMEOUT_MS = 2_000;

/** Whether the gateway may be sent requests, with a sentence for people. Both are public. */
export interface HealthCheckResult {
  readonly isReady: boolean;
  readonly message: string;
}

/**
 * Checks one thing that the gateway needs, such as the database. A check that throws counts as not ready and is logged.
 */
export type HealthCheck = () => HealthCheckResult | Promise<HealthCheckResult>;

/**
 * Serves GET /livez and /readyz. A gateway that responds is alive, and shows its version. It is ready (200) when it is
 * not draining and every check passes within 2 s, else 503; both list the result of each check. The checks run
 * concurrently. A check that hangs is not started again before it has ended, however many requests come.
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

  /** Makes /readyz answer 503 from now on, so that load balancers send no more requests. */
  drain(): void {
    this.#isDraining = true;
  }

  readonly live: HttpHandler = (_request, response) =>
    sendJson(response, 200, { status: 'ALIVE', version: this.#version });

  readonly ready: HttpHandler = async (_request, response, { log }) => {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => {
        const result = await this.#result(name, check).catch((error: unknown) => {
          log.warn({ err: error, check: name }, 'health check failed');
          return { isReady: false, message: 'The check failed; the log of the gateway has the details.' };
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
