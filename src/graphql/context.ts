import type { PrismaClient } from '../../prisma/generated/client/client.ts';
import type { AuthenticationServices } from '../accounts/authenticate.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Caller } from '../domain/caller.ts';
import type { SettingInForce } from '../domain/setting-in-force.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { AddresslessVerifiers } from '../keys/addressless-verifiers.ts';
import type { UseRecorder } from '../keys/use-recorder.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Follower } from '../log/follower.ts';
import type { IssuerKeys } from '../issuers/issuer-keys.ts';
import type { Policies } from '../policies/policies.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { PortalOrigins } from '../subjects/portal-origins.ts';
import type { SubscriptionState } from './event/subscription-state.ts';
import type { OpenCounts } from './open-counts.ts';

/** The services that resolvers and HTTP routes use. Created in compose.ts. */
export interface Services extends AuthenticationServices {
  readonly passwords: Passwords;
  readonly uses: UseRecorder;
  readonly addressless: AddresslessVerifiers;
  readonly follower: Follower;
  readonly metrics: Metrics;
  readonly policies: Policies;
  readonly channels: readonly NoticeChannel[];
  readonly webhookSsrfGuard: SsrfGuard;
  readonly issuerSsrfGuard: SsrfGuard;
  readonly issuerKeys: IssuerKeys;
  readonly approvalKeys: number | null;
  /** The settings that the node was started with. */
  readonly settings: readonly SettingInForce[];
  /** The id of the node in its heartbeat. */
  readonly nodeId: string;
  readonly publicUrl: () => string;
  readonly openCounts: OpenCounts;
  readonly portalOrigins: PortalOrigins;
}

/** The client that an operation reads with: inside a snapshot transaction if the operation selects logCursor. */
export type Reader = Pick<PrismaClient, Exclude<keyof PrismaClient, `$${string}`>> & Pick<PrismaClient, '$queryRaw'>;

/**
 * The context of every resolver. It is never changed: code that needs other values makes a copy, `{ ...context, … }`.
 */
export interface Context {
  readonly services: Services;
  readonly db: Reader;
  /** The authenticated caller. In a subscription: as of the last authentication, because the credential is revalidated. */
  readonly caller: Caller;
  /** The address of the client. */
  readonly address: string;
  readonly requestId: string;
  /** What only subscriptions need. */
  readonly subscription: SubscriptionState;
}
