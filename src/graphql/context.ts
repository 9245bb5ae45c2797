import type { PrismaClient } from '../../prisma/generated/client/client.ts';
import type { AuthenticationServices } from '../accounts/authenticate.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Caller } from '../domain/caller.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { UseRecorder } from '../keys/use-recorder.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Follower } from '../log/follower.ts';
import type { IssuerKeys } from '../issuers/issuer-keys.ts';
import type { Policies } from '../policies/policies.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { CredentialWatch } from './credential-watch.ts';
import type { SharedSubscription } from './event/shared-subscription.ts';
import type { OpenCounts } from './open-counts.ts';

/** What the edges stand on; put together in compose.ts. */
export interface Services extends AuthenticationServices {
  readonly passwords: Passwords;
  readonly uses: UseRecorder;
  readonly follower: Follower;
  readonly metrics: Metrics;
  readonly policies: Policies;
  readonly channels: readonly NoticeChannel[];
  readonly webhookSsrfGuard: SsrfGuard;
  readonly issuerSsrfGuard: SsrfGuard;
  readonly issuerKeys: IssuerKeys;
  readonly publicUrl: () => string;
  readonly openCounts: OpenCounts;
}

/** The client through which an operation reads; inside a snapshot when the operation asks for one. */
export type Reader = Pick<PrismaClient, Exclude<keyof PrismaClient, `$${string}`>> & Pick<PrismaClient, '$queryRaw'>;

/** What every resolver gets. */
export interface Context {
  readonly services: Services;
  readonly db: Reader;
  /** Who asks; over a socket it may change while the socket is open. */
  readonly caller: Caller;
  /** Where the request came from. */
  readonly address: string;
  readonly requestId: string;
  /** The Last-Event-ID of a request over HTTP: up to where its reader has been sent events already. */
  readonly lastEventId?: string | undefined;
  /** Over a socket: how a subscription of it is told of events together with others that are alike. */
  readonly sharedSubscription?: SharedSubscription;
  /** Watches the credential, for what goes on for long. Over a socket it is the one watch of that socket. */
  watchCredential(): CredentialWatch;
}
