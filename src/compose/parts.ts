import type { Logger } from 'pino';
import type { MailSender } from '../mail/mail-transport.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { SettingInForce } from '../domain/setting-in-force.ts';
import type { OpenLimits } from '../graphql/open-counts.ts';
import type { AuthOptions } from '../http/auth/auth-route.ts';
import type { TrustedProxies } from '../http/client-address.ts';
import type { ServerLimits } from '../http/http-server.ts';
import type { LeakSettings } from '../http/leaks/leak-routes.ts';
import type { PolicyRuntime } from '../policies/runtime/runtime.ts';
import type { Clock } from '../store/clock.ts';
import type { JournalParts } from '../revocations/journal-writer.ts';
import type { Store } from '../store/prisma.ts';
import type { Random } from '../store/random.ts';
import type { Sealer } from '../store/sealing.ts';
import type { SsrfGuardSettings, ResolveHost } from '../outbound/ssrf-guard.ts';

/** The parts of a node that differ between production and tests. */
export interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealer: Sealer;
  /** The journal of revocations, which the node writes and closes. Undefined: the node writes none. */
  readonly journal?: JournalParts | undefined;
  /** Already started; its creator stops it. */
  readonly policies: PolicyRuntime;
  readonly logger: Logger;
  readonly proxies: TrustedProxies;
  readonly allowedOrigins: readonly string[];
  /** How proxies verify keys by /auth. */
  readonly auth: AuthOptions;
  /** Maximum numbers of open sockets and subscriptions per address and per caller. */
  readonly openLimits: OpenLimits;
  /** Limits of the HTTP server. */
  readonly serverLimits: ServerLimits;
  /** The issuer of session tokens: the public URL of the gateway, if it is configured. */
  readonly issuer: string;
  /** Returns the public URL of the gateway, the base of links. Called only when the gateway is listening. */
  readonly publicUrl: () => string;
  /** The mail server and sender of notices; null: no notices by mail. */
  readonly mail: {
    readonly smtpUrl: Sensitive<string>;
    readonly sender: MailSender;
    /** The URL at which people reach the pages of the gateway, for links in mails. Null, and default: it is not known. */
    readonly pagesUrl?: string | null;
  } | null;
  readonly isOpen: boolean;
  /** Maximum number of secrets in memory. */
  readonly verificationKeys: number;
  /** How many keys one person may change by operations in a day without the approval of a second one. Null: any number. */
  readonly approvalKeys: number | null;
  /** Minimum retention of events in ms; null: unlimited. */
  readonly logRetentionMs: number | null;
  /** Returns whether the clock is trusted. A node with an untrusted clock is not ready and reviews nothing. */
  readonly isClockTrusted: () => boolean;
  /** SSRF guard of webhooks. Tests also set the DNS resolver and the request timeout. */
  readonly webhooks: SsrfGuardSettings & { readonly resolve?: ResolveHost; readonly limitMs?: number };
  readonly leaks: LeakSettings;
  /** The settings that the node was started with, for administrators. */
  readonly settings: readonly SettingInForce[];
  /** SSRF guard of issuer keys. Tests also set the DNS resolver and the request timeout. */
  readonly issuers: SsrfGuardSettings & { readonly resolve?: ResolveHost; readonly limitMs?: number };
}
