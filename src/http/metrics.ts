import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpHandler } from './http-exchange.ts';

/** In seconds: from what memory answers to what a person gives up on. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What is measured, in a registry of its own: names and units as Prometheus advises (prometheus.io/docs/practices/naming),
 * all but the process's own beginning with keytide_. Labels take values from closed sets only: never an id, an address or
 * what a caller sent.
 */
export class Metrics {
  readonly #registry = new Registry();

  readonly requestDuration = new Histogram({
    name: 'keytide_http_request_duration_seconds',
    help: 'How long HTTP requests took, by route (none: no such path) and status.',
    labelNames: ['route', 'status'] as const,
    buckets: durationBuckets,
    registers: [this.#registry],
  });

  readonly verifications = new Counter({
    name: 'keytide_verifications_total',
    help: 'Verifications, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly events = new Counter({
    name: 'keytide_events_total',
    help: 'Events that this node has read from the log, its own and those of other nodes, by type.',
    labelNames: ['type'] as const,
    registers: [this.#registry],
  });

  readonly reviews = new Counter({
    name: 'keytide_reviews_total',
    help: 'Keys that this node has reviewed.',
    registers: [this.#registry],
  });

  readonly mails = new Counter({
    name: 'keytide_mails_total',
    help: 'Tries of this node to hand a digest of notices to the mail server, by what came of it.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly webhookAttempts = new Counter({
    name: 'keytide_webhook_attempts_total',
    help: 'Events that this node has tried to send to webhooks, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly leakReports = new Counter({
    name: 'keytide_leak_reports_total',
    help: 'Requests that report leaks, by the source whose address they came to and what came of them.',
    labelNames: ['source', 'outcome'] as const,
    registers: [this.#registry],
  });

  readonly tokenExchanges = new Counter({
    name: 'keytide_token_exchanges_total',
    help: 'Tokens that were to be exchanged for keys, by what came of it.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly postponedStops = new Counter({
    name: 'keytide_stops_moved_out_total',
    help: 'Stops that moved out as none of their notices could be delivered, as this node has read from the log.',
    registers: [this.#registry],
  });

  readonly strangerReuses = new Counter({
    name: 'keytide_secrets_reused_by_strangers_total',
    help: 'Retired secrets that turned up where their key was never seen in use, as this node has read from the log.',
    registers: [this.#registry],
  });

  readonly refusedConnections = new Counter({
    name: 'keytide_open_refused_total',
    help: 'WebSockets and subscriptions that were refused as too many were open, by which limit.',
    labelNames: ['limit'] as const,
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /**
   * Adds a number that is read when it is asked for, such as the length of a queue. A reading that throws leaves this
   * metric without a value, and the others as they are.
   */
  addGauge(name: `keytide_${string}`, help: string, read: () => number | Promise<number>): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: async () => {
        gauge.reset();
        try {
          gauge.set(await read());
        } catch {
          gauge.remove();
        }
      },
    });
  }

  /** GET /metrics, in the text format of Prometheus. */
  readonly handle: HttpHandler = async (_request, response) => {
    const text = await this.#registry.metrics();
    response.writeHead(200, { 'Content-Type': this.#registry.contentType, 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  };
}
