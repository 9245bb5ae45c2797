import type { Logger } from 'pino';
import { countBrokenBindings, countEngagedBrakes } from '../bindings/count-alarms.ts';
import { readLag } from '../delivery/webhooks/lag.ts';
import type { Services } from '../graphql/context.ts';

/** Counts what the log tells of, and lets the metrics read what a node has under way. */
export function registerMetrics(services: Services, sockets: { count(): number }, logger: Logger): void {
  const { metrics, follower } = services;
  follower.watch((events) => {
    for (const { type, keyId, data } of events) {
      metrics.events.inc({ type });
      const { code, isNewConsumer } = data as { readonly code?: string; readonly isNewConsumer?: boolean };
      if (type === 'KEY_STOP_CHANGED' && code === 'NOTICES_UNDELIVERED') {
        metrics.postponedStops.inc();
        logger.error({ keyId }, 'no notice of a stop could be delivered: it has moved out, once');
      }
      if (type === 'KEY_SECRET_REUSED' && isNewConsumer === true) {
        metrics.strangerReuses.inc();
        logger.warn({ keyId }, 'a retired secret turned up where its key was never seen in use');
      }
    }
  });
  metrics.addGauge(
    'keytide_passwords_waiting',
    'Passwords that wait to be hashed.',
    () => services.passwords.waitingCount,
  );
  metrics.addGauge('keytide_sockets', 'Open WebSockets.', () => sockets.count());
  metrics.addGauge('keytide_subscriptions', 'Subscriptions over WebSockets and server-sent events.', () =>
    services.openCounts.subscriptionCount(),
  );
  metrics.addGauge(
    'keytide_log_lag_seconds',
    'How long ago the log was read to its end.',
    () => follower.lagMs() / 1000,
  );
  metrics.addGauge(
    'keytide_webhook_lag_seconds',
    'How long ago the oldest event happened that an active webhook has still to get.',
    async () => (await readLag(services)) / 1000,
  );
  metrics.addGauge(
    'keytide_bindings_broken',
    'Bindings whose module is missing or fails. The same on every node.',
    () => countBrokenBindings(services),
  );
  metrics.addGauge(
    'keytide_brakes_engaged',
    'Brakes that somebody has to release or cancel. The same on every node.',
    () => countEngagedBrakes(services),
  );
}
