import type { Clock } from '../store/clock.ts';
import { answerJson } from './answers.ts';
import type { Handler } from './exchange.ts';

/** How long a check may take before it counts as failed. */
export const CHECK_LIMIT_MS = 2_000;

/** What a check found: whether the gateway may be sent work, and a sentence for people. Shown to anyone. */
export interface CheckResult {
  readonly isReady: boolean;
  readonly message: string;
}

/** Looks at one thing that the gateway needs, such as the database. What it throws counts as not ready and is logged. */
export type Check = () => CheckResult | Promise<CheckResult>;

/**
 * GET /livez and /readyz. Alive is who answers, and says its version. Ready is who is not draining and whose checks all say so within 2 s: 200,
 * else 503, both with every check's state. Checks run at the same time; one that hangs is not started again before it has
 * ended, however often one asks.
 */
export class Health {
  readonly #clock: Clock;
  readonly #version: string;
  readonly #checks: ReadonlyMap<string, Check>;
  readonly #running = new Map<string, Promise<CheckResult>>();
  #isDraining = false;

  constructor(clock: Clock, checks: { readonly [name: string]: Check }, version: string) {
    this.#clock = clock;
    this.#version = version;
    this.#checks = new Map(Object.entries(checks));
  }

  /** From now on it is not ready, so that load balancers send no more. */
  drain(): void {
    this.#isDraining = true;
  }

  readonly live: Handler = (_request, response) =>
    answerJson(response, 200, { status: 'ALIVE', version: this.#version });

  readonly ready: Handler = async (_request, response, { log }) => {
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
    answerJson(response, isReady ? 200 : 503, { status, checks: Object.fromEntries(results) });
  };

  async #result(name: string, check: Check): Promise<CheckResult> {
    const running =
      this.#running.get(name) ?? (async () => await check())().finally(() => void this.#running.delete(name));
    this.#running.set(name, running);
    const late = Promise.withResolvers<CheckResult>();
    const message = `The check took longer than ${CHECK_LIMIT_MS / 1000} s.`;
    const cancel = this.#clock.after(CHECK_LIMIT_MS, () => late.resolve({ isReady: false, message }));
    return await Promise.race([running, late.promise]).finally(cancel);
  }
}
