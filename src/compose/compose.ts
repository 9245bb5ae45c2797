import type { Server } from 'node:http';
import { Passwords } from '../accounts/passwords.ts';
import { RateLimits } from '../accounts/rate-limits.ts';
import { SessionTokens } from '../accounts/session-tokens.ts';
import { SigningKeys } from '../accounts/signing-keys.ts';
import { WebhookSender } from '../webhooks/delivery/webhook-sender.ts';
import { createHealth } from './health.ts';
import { createMailer } from './mailer.ts';
import { registerMetrics } from './register-metrics.ts';
import type { Parts } from './parts.ts';
import { retentionRules } from './table-retention.ts';
import type { Services } from '../graphql/context.ts';
import { createGraphiqlPage } from '../graphql/graphiql.ts';
import { GRAPHIQL_PATH, graphiqlRoute } from '../graphql/graphiql-assets.ts';
import { OpenCounts } from '../graphql/open-counts.ts';
import { createGraphqlListener } from '../graphql/graphql-listener.ts';
import { createGraphqlServer } from '../graphql/graphql-server.ts';
import { acceptSockets } from '../graphql/sockets.ts';
import { AUTH_PATH, authRoute } from '../http/auth/auth-route.ts';
import { deviceRoutes } from '../http/devices/device-routes.ts';
import { isAuthenticated } from '../http/is-authenticated.ts';
import { drainServer } from '../http/drain-server.ts';
import { followRoutes } from '../http/follow-routes.ts';
import { graphqlRoute } from '../http/graphql-route.ts';
import { jwksHandler } from '../http/jwks.ts';
import { leakRoutes } from '../http/leaks/leak-routes.ts';
import { Metrics } from '../http/metrics.ts';
import { PORTAL_SESSION_PATH, portalSessionRoute } from '../http/portal-session-route.ts';
import { createHttpServer } from '../http/http-server.ts';
import { LoadLimit } from '../http/load-limit.ts';
import { RequestLog } from '../http/request-log.ts';
import type { Mailer } from '../mail/mailer.ts';
import { oauthMetadataRoutes } from '../http/oauth-metadata.ts';
import { tokenRoute } from '../http/token-route.ts';
import { IssuerKeys } from '../issuers/issuer-keys.ts';
import { mailChannel } from '../mail/escalation.ts';
import { introspectRoute } from '../http/introspect-route.ts';
import { usesRoute } from '../http/uses-route.ts';
import { verifyRoute } from '../http/verify-route.ts';
import { unsubscribeRoute } from '../http/unsubscribe-route.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import { changesOf, followChanges, freshnessOf } from '../keys/table/follow-changes.ts';
import { fillTable } from '../keys/table/fill-table.ts';
import { ForeignSecrets } from '../keys/foreign-secrets.ts';
import { KeyTable } from '../keys/table/key-table.ts';
import { AddresslessVerifiers } from '../keys/addressless-verifiers.ts';
import { UseRecorder } from '../keys/use-recorder.ts';
import { ReviewLoop } from '../keys/review-loop.ts';
import { OperationLoop } from '../operations/operation-loop.ts';
import { Follower } from '../log/follower.ts';
import { Heartbeat } from '../policies/heartbeat.ts';
import { JournalWriter } from '../revocations/journal-writer.ts';
import { RetentionJob } from '../retention/retention-job.ts';
import type { Store } from '../store/prisma.ts';
import { PortalOrigins } from '../subjects/portal-origins.ts';
import { webhookChannel } from '../webhooks/webhook-channel.ts';
import { SsrfGuard } from '../outbound/ssrf-guard.ts';

/** How long running requests may take to finish at shutdown before their connections are cut. */
const DRAIN_MS = 15_000;

/** Default timeout of a webhook's request. */
const WEBHOOK_LIMIT_MS = 10_000;

/** Default timeout for fetching an issuer's metadata and keys. */
const ISSUER_LIMIT_MS = 5_000;

/** A running node that does not listen yet. */
export interface Node {
  readonly http: Server;
  /** The listener for proxies that the configuration trusts. Null: there is none. */
  readonly trustedHttp: Server | null;
  readonly services: Services;
  readonly reviewer: ReviewLoop;
  readonly operationLoop: OperationLoop;
  /** Null: no notices by mail. */
  readonly mailer: Mailer | null;
  readonly webhookSender: WebhookSender;
  /** Shuts down: accepts no new work, finishes running requests and writes, and closes sockets with 1012. */
  stop(): Promise<void>;
}

/** Composes and starts a node. The only place that knows all of its parts. */
export async function compose(parts: Parts): Promise<Node> {
  const { store, clock, random, sealer, logger } = parts;
  const { prisma } = store;
  const warn = (what: string) => (error: unknown) => logger.warn({ err: error }, what);
  const follower = new Follower(
    { prisma, clock },
    { connect: () => connect(store), onFailure: warn('log follower failed') },
  );
  const onFailure = warn('journal of revocations not written, will retry');
  const journal = parts.journal && new JournalWriter({ prisma }, { ...parts.journal, follower, onFailure });
  const core = {
    prisma,
    clock,
    random,
    sealer,
    revocationJournal: journal,
    onCommit: (...committed: Parameters<typeof changesOf>) => keyTable.noteChanges(changesOf(...committed)),
    onPostCommitError: warn('post-commit task failed'),
  };
  const signingKeys = new SigningKeys(core);
  const foreignSecrets = new ForeignSecrets(core);
  const keyTable = new KeyTable(core, {
    freshness: freshnessOf(follower, () => store.refusal() !== null),
    capacity: parts.verificationKeys,
    onFailure: warn('read of keys failed, will retry'),
    onRealmChange: () => foreignSecrets.forget(),
  });
  // Before all other watchers: they find the table in doubt about what they read of.
  followChanges(keyTable, follower);
  const metrics = new Metrics();
  const channels: readonly NoticeChannel[] = [webhookChannel, ...(parts.mail === null ? [] : [mailChannel])];
  const issuerAddresses = new SsrfGuard(parts.issuers, parts.issuers.resolve);
  const services: Services = {
    ...core,
    follower,
    keyTable,
    foreignSecrets,
    metrics,
    policies: parts.policies,
    channels,
    openCounts: new OpenCounts(parts.openLimits, (limit) => metrics.refusedConnections.inc({ limit })),
    webhookSsrfGuard: new SsrfGuard(parts.webhooks, parts.webhooks.resolve),
    issuerSsrfGuard: issuerAddresses,
    issuerKeys: new IssuerKeys(clock, {
      addresses: issuerAddresses,
      timeoutMs: parts.issuers.limitMs ?? ISSUER_LIMIT_MS,
      onFailure: (issuer, error) => logger.warn({ err: error, issuer }, 'issuer key fetch failed'),
    }),
    approvalKeys: parts.approvalKeys,
    publicUrl: parts.publicUrl,
    passwords: new Passwords(random),
    rateLimits: new RateLimits(clock),
    portalOrigins: new PortalOrigins(core),
    sessionTokens: new SessionTokens({ signingKeys, clock, issuer: parts.issuer }),
    uses: new UseRecorder(core, warn('use flush failed, will retry')),
    addressless: new AddresslessVerifiers(core, warn('noting a verifier without addresses failed, will retry')),
  };
  follower.watch((events) => {
    if (events.some(({ type }) => type === 'REALM_UPDATED')) services.portalOrigins.forget();
  });
  const reviewer = new ReviewLoop(services, {
    mayReview: parts.isClockTrusted,
    onReviewed: (count) => metrics.reviews.inc(count),
    onFailure: warn('review failed'),
  });
  const operationLoop = new OperationLoop(services, {
    mayRun: parts.isClockTrusted,
    onFailure: warn('operation failed, will retry'),
  });
  const mailer = parts.mail === null ? null : createMailer(services, parts, parts.mail);
  const heartbeat = new Heartbeat(services, warn('heartbeat failed'));
  const retentionJob = new RetentionJob(core, {
    rules: retentionRules,
    follower,
    connect: () => connect(store),
    retentionMs: parts.logRetentionMs,
    onFailure: warn('retention failed'),
  });
  const webhookSender = new WebhookSender(services, {
    follower,
    timeoutMs: parts.webhooks.limitMs ?? WEBHOOK_LIMIT_MS,
    maySend: parts.isClockTrusted,
    onAttempt: (outcome) => metrics.webhookAttempts.inc({ outcome }),
    onFailure: warn('webhook delivery failed'),
  });
  const graphql = createGraphqlServer(services, parts);
  const health = createHealth(parts, follower);
  const { headers, trustedRealms } = parts.auth;
  const load = new LoadLimit(parts.serverLimits.requestsInProgress);
  const log = new RequestLog({ logger, linesPerSecond: parts.serverLimits.requestLinesPerSecond, clock });
  const server = { logger, metrics, proxies: parts.proxies, random, log, load };
  const http = createHttpServer({
    ...server,
    routes: new Map([
      [AUTH_PATH, authRoute(services, { headers, trustedRealms: null })],
      [
        '/graphql',
        graphqlRoute(createGraphqlListener(graphql, parts), {
          allowedOrigins: parts.allowedOrigins,
          portalOrigins: services.portalOrigins,
          serveBrowser: createGraphiqlPage(services, parts),
          mayBeBulk: (request) => isAuthenticated(services, request),
        }),
      ],
      [GRAPHIQL_PATH, graphiqlRoute],
      ['/.well-known/jwks.json', { methods: ['GET'], handle: jwksHandler(signingKeys) }],
      ...oauthMetadataRoutes(parts.publicUrl),
      ['/token', tokenRoute({ ...services, signingKeys })],
      ['/verify', verifyRoute(services)],
      ['/introspect', introspectRoute(services, parts.publicUrl)],
      ...followRoutes(services),
      ['/uses', usesRoute(services)],
      ['/unsubscribe', unsubscribeRoute(core)],
      [PORTAL_SESSION_PATH, portalSessionRoute(services)],
      ...deviceRoutes(services, parts.publicUrl),
      ...leakRoutes(services, parts.leaks, logger),
      ['/livez', { methods: ['GET'], handle: health.live, isServedUnderLoad: true }],
      ['/readyz', { methods: ['GET'], handle: health.ready, isServedUnderLoad: true }],
      ['/metrics', { methods: ['GET'], handle: metrics.handle, isServedUnderLoad: true }],
    ]),
  });
  const trustedRoutes = new Map([[AUTH_PATH, authRoute(services, parts.auth)]]);
  const trustedHttp = trustedRealms === null ? null : createHttpServer({ ...server, routes: trustedRoutes });
  const sockets = acceptSockets(http, graphql, services, parts);
  registerMetrics(services, sockets, logger);
  metrics.addGauge('keytide_http_requests_in_progress', 'Requests that wait for their response.', () => load.count);
  metrics.addGauge(
    'keytide_revocation_journal_failing',
    'Whether the journal of revocations cannot be written (1) or is written (0).',
    () => (journal?.isFailing === true ? 1 : 0),
  );

  await follower.start();
  await journal?.start();
  await heartbeat.start();
  reviewer.start();
  operationLoop.start();
  mailer?.start();
  retentionJob.start();
  webhookSender.start();
  const stopFilling = new AbortController();
  void fillTable(keyTable, {
    connect: () => connect(store),
    clock,
    head: () => follower.head,
    signal: stopFilling.signal,
  }).catch(warn('keys not loaded into memory, will be read on demand'));
  return {
    http,
    trustedHttp,
    services,
    reviewer,
    operationLoop,
    mailer,
    webhookSender,
    async stop() {
      health.drain();
      const servers = [http, ...(trustedHttp === null ? [] : [trustedHttp])];
      const drained = Promise.all(servers.map((server) => drainServer(server, { clock, limitMs: DRAIN_MS })));
      // Streams end with the follower; clients resume them on another node from their cursor.
      const parts = [follower, reviewer, operationLoop, mailer, retentionJob, heartbeat, webhookSender];
      stopFilling.abort();
      await Promise.all([sockets.close(), ...parts.map((part) => part?.stop())]);
      await drained;
      await services.uses.flush().catch(warn('final use flush failed'));
      await journal?.stop();
    },
  };
}

async function connect(store: Store) {
  const client = store.openClient();
  await client.connect();
  return client;
}
