import { Counter, Gauge, Registry } from 'prom-client';
import type { HttpHandler } from './http-exchange.ts';
import { processRegistry } from './process-metrics.ts';
import { RequestDurations } from './request-durations.ts';

/**
 * The node's metrics, in a registry of their own, beside those of the process. Names and units follow Prometheus
 * (prometheus.io/docs/practices/naming); all but the process metrics begin with keytide_. Label values come from closed
 * sets: never an id, an address or text that a caller sent.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #processRegistry = processRegistry();

  readonly requestDurations = new RequestDurations(this.#registry);

  readonly shedRequests = new Counter({
    name: 'keytide_http_requests_shed_total',
    help: 'Requests that were refused with 503 because too many were in progress.',
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
    help: 'Events that this node read from the log, its own and those of other nodes, by type.',
    labelNames: ['type'] as const,
    registers: [this.#registry],
  });

  readonly reviews = new Counter({
    name: 'keytide_reviews_total',
    help: 'Reviews of keys by this node.',
    registers: [this.#registry],
  });

  readonly mails = new Counter({
    name: 'keytide_mails_total',
    help: 'Attempts of this node to hand a digest of notices to the mail server, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly webhookAttempts = new Counter({
    name: 'keytide_webhook_attempts_total',
    help: 'Attempts of this node to send an event to a webhook, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly leakReports = new Counter({
    name: 'keytide_leak_reports_total',
    help: 'Requests that report leaked secrets, by the source whose path they were sent to and by outcome.',
    labelNames: ['source', 'outcome'] as const,
    registers: [this.#registry],
  });

  readonly tokenExchanges = new Counter({
    name: 'keytide_token_exchanges_total',
    help: 'Requests to exchange a token for a key, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly signedTokens = new Counter({
    name: 'keytide_signed_tokens_total',
    help: 'Requests to exchange a key for a signed token, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  readonly postponedStops = new Counter({
    name: 'keytide_stops_moved_out_total',
    help: 'Stops that were postponed because none of their notices could be delivered, as read from the log by this node.',
    registers: [this.#registry],
  });

  readonly strangerReuses = new Counter({
    name: 'keytide_secrets_reused_by_strangers_total',
    help: 'Uses of retired secrets by consumers that never used the key before, as read from the log by this node.',
    registers: [this.#registry],
  });

  readonly breakages = new Counter({
    name: 'keytide_breakages_total',
    help: 'Consumers that worked and were refused by an expired or held key or a retired secret, once for each key, consumer and day, as read from the log by this node, by realm.',
    labelNames: ['realm'] as const,
    registers: [this.#registry],
  });

  readonly refusedConnections = new Counter({
    name: 'keytide_open_refused_total',
    help: 'WebSockets and subscriptions that were refused because too many were open, by limit.',
    labelNames: ['limit'] as const,
    registers: [this.#registry],
  });

  /**
   * Adds a gauge whose value is read at each scrape, such as the length of a queue. If reading throws, this metric has
   * no value in that scrape; other metrics are not affected.
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

  /** Serves GET /metrics in the text format of Prometheus. */
  readonly handle: HttpHandler = async (_request, response) => {
    const texts = [await this.#registry.metrics(), await this.#processRegistry.metrics()];
    const text = texts.join('\n');
    response.writeHead(200, { 'Content-Type': this.#registry.contentType, 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  };
}
