import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { Passwords } from './accounts/passwords.ts';
import { RateLimits } from './accounts/rate-limits.ts';
import { SessionTokens } from './accounts/session-tokens.ts';
import { SigningKeys } from './accounts/signing-keys.ts';
import { countBroken, countEngaged } from './bindings/count-alarms.ts';
import { readLag } from './delivery/webhooks/lag.ts';
import { WebhookSender } from './delivery/webhooks/sender.ts';
import type { Services } from './graphql/context.ts';
import { graphiqlPage } from './graphql/graphiql.ts';
import { GRAPHIQL_PATH, graphiqlRoute } from './graphql/graphiql-assets.ts';
import { OpenCounts, type OpenLimits } from './graphql/open-counts.ts';
import { createGraphqlServer, graphqlListener } from './graphql/server.ts';
import { acceptSockets } from './graphql/sockets.ts';
import type { TrustedProxies } from './http/client-address.ts';
import { drainServer } from './http/drain.ts';
import { graphqlRoute } from './http/graphql-route.ts';
import { Health } from './http/health.ts';
import { keySetHandler } from './http/key-set.ts';
import { leakRoutes, type LeakSettings } from './http/leaks/leak-routes.ts';
import { Metrics } from './http/metrics.ts';
import { createHttpServer } from './http/server.ts';
import { Mailer } from './delivery/mail/mailer.ts';
import { mailChannel } from './delivery/mail/rungs.ts';
import { openTransport, type Sender } from './delivery/mail/transport.ts';
import { unsubscribeRoute } from './delivery/mail/unsubscribe-route.ts';
import type { Sensitive } from './domain/sensitive.ts';
import { Housekeeper } from './keys/housekeeper.ts';
import type { NoticeChannel } from './keys/notice-channel.ts';
import { UseRecorder } from './keys/record-use.ts';
import { Reviewer } from './keys/reviewer.ts';
import { Follower } from './log/follower.ts';
import { Presence } from './policies/presence.ts';
import type { PolicyRuntime } from './policies/runtime/runtime.ts';
import type { Clock } from './store/clock.ts';
import type { Store } from './store/prisma.ts';
import type { Random } from './store/random.ts';
import type { Sealer } from './store/sealing.ts';
import { webhookChannel } from './webhooks/notice-channel.ts';
import { WebhookAddresses, type AddressSettings, type Resolve } from './webhooks/addresses.ts';

/** How long running requests have to finish before their connections are cut. */
const DRAIN_MS = 15_000;

/** How long a webhook's request may take, unless it is said. */
const WEBHOOK_LIMIT_MS = 10_000;

/** Behind the log by more than this, a node is not ready. */
const LAG_LIMIT_MS = 5_000;

/** What a node is made of that differs between production and tests. */
export interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealer: Sealer;
  /** Started; whoever made it stops it. */
  readonly policies: PolicyRuntime;
  readonly logger: Logger;
  readonly proxies: TrustedProxies;
  readonly allowedOrigins: readonly string[];
  /** How many sockets and subscriptions one address and one caller may have open. */
  readonly openLimits: OpenLimits;
  /** The issuer of session tokens: where callers reach the gateway, when that is known. */
  readonly issuer: string;
  /** Where people reach the gateway: the base of links. Asked when it is listening. */
  readonly publicUrl: () => string;
  /** The mail server, and who notices are from; null: none are sent by mail. */
  readonly mail: { readonly smtpUrl: Sensitive<string>; readonly sender: Sender } | null;
  readonly isOpen: boolean;
  /** For how long the log keeps events; null: for ever. */
  readonly logRetentionMs: number | null;
  /** How sure the clock is of the time; a node that is not is not ready and reviews nothing. */
  readonly isClockTrusted: () => boolean;
  /** Where webhooks may be sent to; of a test also who resolves names, and how long a request may take. */
  readonly webhooks: AddressSettings & { readonly resolve?: Resolve; readonly limitMs?: number };
  readonly leaks: LeakSettings;
}

/** A node, put together and at work, not yet listening. */
export interface Node {
  readonly http: Server;
  readonly services: Services;
  readonly reviewer: Reviewer;
  /** Null: no notices are sent by mail. */
  readonly mailer: Mailer | null;
  readonly webhookSender: WebhookSender;
  /** No new work; running requests and writes finish, sockets close with 1012. */
  stop(): Promise<void>;
}

/** Puts a node together: the only place that knows all of its parts. */
export async function compose(parts: Parts): Promise<Node> {
  const { store, clock, random, sealer, logger } = parts;
  const { prisma } = store;
  const core = { prisma, clock, random, sealer };
  const warn = (what: string) => (error: unknown) => logger.warn({ err: error }, what);

  const signingKeys = new SigningKeys(core);
  const follower = new Follower(core, { connect: () => connect(store), onFailure: warn('following the log failed') });
  const metrics = new Metrics();
  const channels: readonly NoticeChannel[] = [webhookChannel, ...(parts.mail === null ? [] : [mailChannel])];
  const services: Services = {
    ...core,
    follower,
    metrics,
    policies: parts.policies,
    channels,
    openCounts: new OpenCounts(parts.openLimits, (limit) => metrics.openRefused.inc({ limit })),
    webhookAddresses: new WebhookAddresses(parts.webhooks, parts.webhooks.resolve),
    passwords: new Passwords(random),
    rateLimits: new RateLimits(clock),
    sessionTokens: new SessionTokens({ signingKeys, clock, issuer: parts.issuer }),
    uses: new UseRecorder(core, warn('use could not be written yet')),
  };
  const reviewer = new Reviewer(services, {
    mayReview: parts.isClockTrusted,
    onReviewed: (count) => metrics.reviews.inc(count),
    onFailure: warn('a review failed'),
  });
  const mailer = parts.mail === null ? null : createMailer(services, parts, parts.mail);
  const presence = new Presence(services, warn('saying that this node is there failed'));
  const housekeeper = new Housekeeper(core, {
    follower,
    connect: () => connect(store),
    retentionMs: parts.logRetentionMs,
    onFailure: warn('housekeeping failed'),
  });
  const webhookSender = new WebhookSender(services, {
    follower,
    limitMs: parts.webhooks.limitMs ?? WEBHOOK_LIMIT_MS,
    maySend: parts.isClockTrusted,
    onAttempt: (outcome) => metrics.webhookAttempts.inc({ outcome }),
    onFailure: warn('sending to a webhook failed'),
  });
  const graphql = createGraphqlServer(services, parts);
  const health = new Health(clock, {
    database: async () => {
      await prisma.$queryRaw`SELECT 1`;
      return { isReady: true, message: 'The database answers.' };
    },
    log: () => {
      const lagMs = follower.lagMs();
      const message = Number.isFinite(lagMs)
        ? `The log was read to its end ${Math.round(lagMs)} ms ago.`
        : 'This node does not follow the log that is there: start it again.';
      return { isReady: lagMs < LAG_LIMIT_MS, message };
    },
    clock: () => ({ isReady: parts.isClockTrusted(), message: 'The clock follows the database’s.' }),
  });
  const http = createHttpServer({
    routes: new Map([
      [
        '/graphql',
        graphqlRoute(graphqlListener(graphql), {
          allowedOrigins: parts.allowedOrigins,
          answerPerson: graphiqlPage(services, parts),
        }),
      ],
      [GRAPHIQL_PATH, graphiqlRoute],
      ['/.well-known/jwks.json', { methods: ['GET'], handle: keySetHandler(signingKeys) }],
      ['/unsubscribe', unsubscribeRoute(core)],
      ...leakRoutes(services, parts.leaks, logger),
      ['/livez', { methods: ['GET'], handle: health.live }],
      ['/readyz', { methods: ['GET'], handle: health.ready }],
      ['/metrics', { methods: ['GET'], handle: metrics.handle }],
    ]),
    logger,
    metrics,
    proxies: parts.proxies,
    random,
  });
  const sockets = acceptSockets(http, graphql, services, parts);
  follower.watch((events) => {
    for (const { type, keyId, data } of events) {
      metrics.events.inc({ type });
      if (type !== 'KEY_STOP_CHANGED' || (data as { code?: string }).code !== 'NOTICES_UNDELIVERED') continue;
      metrics.movedOut.inc();
      logger.error({ keyId }, 'no notice of a stop could be delivered: it has moved out, once');
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
    () => countBroken(services),
  );
  metrics.addGauge(
    'keytide_brakes_engaged',
    'Brakes that somebody has to release or cancel. The same on every node.',
    () => countEngaged(services),
  );

  await follower.start();
  await presence.start();
  reviewer.start();
  mailer?.start();
  housekeeper.start();
  webhookSender.start();
  return {
    http,
    services,
    reviewer,
    mailer,
    webhookSender,
    async stop() {
      health.drain();
      const drained = drainServer(http, { clock, limitMs: DRAIN_MS });
      // Streams end with the follower; a client takes them up again elsewhere from its cursor.
      const parts = [follower, reviewer, mailer, housekeeper, presence, webhookSender];
      await Promise.all([sockets.close(), ...parts.map((part) => part?.stop())]);
      await drained;
      await services.uses.flush().catch(warn('the last use could not be written'));
    },
  };
}

function createMailer(
  services: Services,
  { publicUrl, isClockTrusted, logger }: Parts,
  { smtpUrl, sender }: NonNullable<Parts['mail']>,
): Mailer {
  return new Mailer(services, {
    transport: openTransport(smtpUrl, sender),
    sender,
    publicUrl,
    mayMail: isClockTrusted,
    onTried: ({ told, ...tried }) => {
      services.metrics.mails.inc({ outcome: told });
      if (told === 'FAILED' || told === 'REFUSED') logger.error({ ...tried }, 'notices could not be mailed');
      if (told === 'POSTPONED') logger.warn({ ...tried }, 'notices could not be mailed yet; it is tried again');
    },
    onFailure: (error) => logger.warn({ err: error }, 'mailing notices failed'),
  });
}

async function connect(store: Store) {
  const client = store.openClient();
  await client.connect();
  return client;
}
