import type { Logger } from 'pino';
import type { MailSender } from '../delivery/mail/mail-transport.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { OpenLimits } from '../graphql/open-counts.ts';
import type { TrustedProxies } from '../http/client-address.ts';
import type { LeakSettings } from '../http/leaks/leak-routes.ts';
import type { PolicyRuntime } from '../policies/runtime/runtime.ts';
import type { Clock } from '../store/clock.ts';
import type { Store } from '../store/prisma.ts';
import type { Random } from '../store/random.ts';
import type { Sealer } from '../store/sealing.ts';
import type { SsrfGuardSettings, ResolveHost } from '../outbound/ssrf-guard.ts';

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
  readonly mail: { readonly smtpUrl: Sensitive<string>; readonly sender: MailSender } | null;
  readonly isOpen: boolean;
  /** For how long the log keeps events; null: for ever. */
  readonly logRetentionMs: number | null;
  /** How sure the clock is of the time; a node that is not is not ready and reviews nothing. */
  readonly isClockTrusted: () => boolean;
  /** Where webhooks may be sent to; of a test also who resolves names, and how long a request may take. */
  readonly webhooks: SsrfGuardSettings & { readonly resolve?: ResolveHost; readonly limitMs?: number };
  readonly leaks: LeakSettings;
  /** Where issuers may be asked for their keys; of a test also who resolves names, and how long they have to answer. */
  readonly issuers: SsrfGuardSettings & { readonly resolve?: ResolveHost; readonly limitMs?: number };
}
