import packageJson from '../../package.json' with { type: 'json' };
import type { Server } from 'node:http';
import { WebhookSender } from '../webhooks/delivery/webhook-sender.ts';
import { createHealth } from './health.ts';
import { createMailer } from './mailer.ts';
import { registerMetrics } from './register-metrics.ts';
import type { Parts } from './parts.ts';
import { retentionRules } from './table-retention.ts';
import type { Services } from '../graphql/context.ts';
import { createGraphqlServer } from '../graphql/graphql-server.ts';
import { acceptSockets } from '../graphql/sockets.ts';
import { AUTH_PATH, authRoute } from '../http/auth/auth-route.ts';
import { drainServer } from '../http/drain-server.ts';
import { createHttpServer } from '../http/http-server.ts';
import { LoadLimit } from '../http/load-limit.ts';
import { RequestLog } from '../http/request-log.ts';
import type { Mailer } from '../mail/mailer.ts';
import { fillTable } from '../keys/table/fill-table.ts';
import { ReviewLoop } from '../keys/review-loop.ts';
import { OperationLoop } from '../operations/operation-loop.ts';
import { RolloutLoop } from '../rollouts/rollout-loop.ts';
import { Heartbeat } from '../policies/heartbeat.ts';
import { RetentionJob } from '../retention/retention-job.ts';
import { connect } from './connect.ts';
import { createRoutes } from './create-routes.ts';
import { createServices } from './create-services.ts';

/** How long running requests may take to finish at shutdown before their connections are cut. */
const DRAIN_MS = 15_000;

/** Default timeout of a webhook's request. */
const WEBHOOK_LIMIT_MS = 10_000;

/** A running node that does not listen yet. */
export interface Node {
  readonly http: Server;
  /** The listener for proxies that the configuration trusts. Null: there is none. */
  readonly trustedHttp: Server | null;
  readonly services: Services;
  readonly reviewer: ReviewLoop;
  readonly operationLoop: OperationLoop;
  readonly rolloutLoop: RolloutLoop;
  /** Null: no notices by mail. */
  readonly mailer: Mailer | null;
  readonly webhookSender: WebhookSender;
  /** Shuts down: accepts no new work, finishes running requests and writes, and closes sockets with 1012. */
  stop(): Promise<void>;
}

/** Composes and starts a node. This folder is the only place that knows all of its parts. */
export async function compose(parts: Parts): Promise<Node> {
  const { store, clock, random, logger } = parts;
  const warn = (what: string) => (error: unknown) => logger.warn({ err: error }, what);
  const { services, follower, signingKeys, journal } = createServices(parts);
  const { metrics, keyTable } = services;
  const reviewer = new ReviewLoop(services, {
    mayReview: parts.isClockTrusted,
    onReviewed: (count) => metrics.reviews.inc(count),
    onFailure: warn('review failed'),
  });
  const operationLoop = new OperationLoop(services, {
    mayRun: parts.isClockTrusted,
    onFailure: warn('operation failed, will retry'),
  });
  const rolloutLoop = new RolloutLoop(services, {
    mayRun: parts.isClockTrusted,
    onFailure: warn('rollout failed, will retry'),
  });
  const mailer = parts.mail === null ? null : createMailer(services, parts, parts.mail);
  const heartbeat = new Heartbeat(services, {
    nodeId: services.nodeId,
    release: packageJson.version,
    onFailure: warn('heartbeat failed'),
  });
  const retentionJob = new RetentionJob(services, {
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
  const { trustedRealms } = parts.auth;
  const load = new LoadLimit(parts.serverLimits.requestsInProgress);
  const log = new RequestLog({ logger, linesPerSecond: parts.serverLimits.requestLinesPerSecond, clock });
  const server = { logger, metrics, proxies: parts.proxies, random, log, load };
  const http = createHttpServer({
    ...server,
    routes: createRoutes(services, { parts, graphql, health, signingKeys }),
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
  rolloutLoop.start();
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
    rolloutLoop,
    mailer,
    webhookSender,
    async stop() {
      health.drain();
      const servers = [http, ...(trustedHttp === null ? [] : [trustedHttp])];
      const drained = Promise.all(servers.map((server) => drainServer(server, { clock, limitMs: DRAIN_MS })));
      // Streams end with the follower; clients resume them on another node from their cursor.
      const parts = [follower, reviewer, operationLoop, rolloutLoop, mailer, retentionJob, heartbeat, webhookSender];
      stopFilling.abort();
      await Promise.all([sockets.close(), ...parts.map((part) => part?.stop())]);
      await drained;
      await services.uses.flush().catch(warn('final use flush failed'));
      await journal?.stop();
    },
  };
}
