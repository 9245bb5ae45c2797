import { Passwords } from '../accounts/passwords.ts';
import { RateLimits } from '../accounts/rate-limits.ts';
import { SessionTokens } from '../accounts/session-tokens.ts';
import { SigningKeys } from '../accounts/signing-keys.ts';
import { newId } from '../domain/id.ts';
import type { Parts } from './parts.ts';
import type { Services } from '../graphql/context.ts';
import { OpenCounts } from '../graphql/open-counts.ts';
import { Metrics } from '../http/metrics.ts';
import { IssuerKeys } from '../issuers/issuer-keys.ts';
import { mailChannel } from '../mail/escalation.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import { changesOf, followChanges, freshnessOf } from '../keys/table/follow-changes.ts';
import { ForeignSecrets } from '../keys/foreign-secrets.ts';
import { KeyTable } from '../keys/table/key-table.ts';
import { AddresslessVerifiers } from '../keys/addressless-verifiers.ts';
import { UseRecorder } from '../keys/use-recorder.ts';
import { Follower } from '../log/follower.ts';
import { JournalWriter } from '../revocations/journal-writer.ts';
import { PortalOrigins } from '../subjects/portal-origins.ts';
import { webhookChannel } from '../webhooks/webhook-channel.ts';
import { SsrfGuard } from '../outbound/ssrf-guard.ts';
import { connect } from './connect.ts';

/** Default timeout for fetching an issuer's metadata and keys. */
const ISSUER_LIMIT_MS = 5_000;

/** The services of a node, and the parts that it starts and stops with them. */
interface NodeServices {
  readonly services: Services;
  readonly follower: Follower;
  readonly signingKeys: SigningKeys;
  /** Undefined: the node writes no journal of revocations. */
  readonly journal: JournalWriter | undefined;
}

/** Creates what the use cases of a node share. Nothing of it runs yet. */
export function createServices(parts: Parts): NodeServices {
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
    settings: parts.settings,
    nodeId: newId('node', clock.now(), random),
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
  return { services, follower, signingKeys, journal };
}
