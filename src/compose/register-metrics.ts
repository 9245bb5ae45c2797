import type { Logger } from 'pino';
import { countBrokenBindings, countEngagedBrakes } from '../bindings/count-alarms.ts';
import type { Services } from '../graphql/context.ts';
import { SlugReader } from '../realms/slug-reader.ts';
import { readLag } from '../webhooks/delivery/read-due-webhooks.ts';

/** Counts and logs notable events of the event log, and registers the gauges of a node. */
export function registerMetrics(services: Services, sockets: { count(): number }, logger: Logger): void {
  const { metrics, follower } = services;
  const slugs = new SlugReader(services);
  follower.watch((events) => {
    for (const { type, keyId, realmId, data } of events) {
      metrics.events.inc({ type });
      const { code, isNewConsumer } = data as { readonly code?: string; readonly isNewConsumer?: boolean };
      if (type === 'KEY_STOP_CHANGED' && code === 'NOTICES_UNDELIVERED') {
        metrics.postponedStops.inc();
        logger.error({ keyId }, 'no notice of a stop delivered, stop postponed once');
      }
      if (type === 'KEY_BROKE_CONSUMER' && realmId !== null) {
        const count = (realm: string) => metrics.breakages.inc({ realm });
        void slugs.read(realmId).then(count, () => count(realmId));
      }
      if (type === 'KEY_SECRET_REUSED' && isNewConsumer === true) {
        metrics.strangerReuses.inc();
        logger.warn({ keyId }, 'retired secret used by a new consumer');
      }
    }
  });
  metrics.addGauge(
    'keytide_passwords_waiting',
    'Passwords waiting to be hashed.',
    () => services.passwords.waitingCount,
  );
  metrics.addGauge('keytide_verification_keys', 'Secrets in memory.', () => services.keyTable.size);
  metrics.addGauge('keytide_sockets', 'Open WebSockets.', () => sockets.count());
  metrics.addGauge('keytide_subscriptions', 'Subscriptions over WebSockets and server-sent events.', () =>
    services.openCounts.subscriptionCount(),
  );
  metrics.addGauge(
    'keytide_log_lag_seconds',
    'Time since the log was last read to its end.',
    () => follower.lagMs() / 1000,
  );
  metrics.addGauge(
    'keytide_webhook_lag_seconds',
    'Age of the oldest event that an active webhook has not received.',
    async () => (await readLag(services)) / 1000,
  );
  metrics.addGauge(
    'keytide_bindings_broken',
    'Bindings whose module is missing or failing. The same on every node.',
    () => countBrokenBindings(services),
  );
  metrics.addGauge(
    'keytide_brakes_engaged',
    'Brakes that an administrator must release or cancel. The same on every node.',
    () => countEngagedBrakes(services),
  );
}
