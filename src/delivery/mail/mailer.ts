import { SECOND_MS } from '../../domain/duration.ts';
import type { EventType } from '../../domain/event.ts';
import type { NoticeChannel } from '../../keys/notice-channel.ts';
import type { Follower } from '../../log/follower.ts';
import type { Cancel } from '../../store/clock.ts';
import type { Core } from '../../store/core.ts';
import { assignLeakRecipients } from './assign-leak-recipients.ts';
import { assignNoticeRecipients } from './assign-notice-recipients.ts';
import { claimDigests, type ClaimedDigest } from './claim-digests.ts';
import { finishDigest, type DigestOutcome } from './finish-digest.ts';
import { createDigests } from './create-digests.ts';
import { loadDigest } from './load-digest.ts';
import type { MailTransportResult, MailTransport, MailSender } from './mail-transport.ts';
import { createUnsubscribeToken } from './unsubscribe-token.ts';
import { writeHtml } from './write-html.ts';
import { mailSubject, writeText } from './write-text.ts';

/** The net under the log, and for what comes due by time: how often it is looked for what is to be sent. */
const POLL_MS = 30 * SECOND_MS;

/** What of the log there may be something to mail after: a notice, and whatever is done about a leak. */
const wakingEventTypes: ReadonlySet<string> = new Set([
  'KEY_EXPIRING',
  'KEY_HELD',
  'KEY_REVOKED',
  'KEY_ROTATION_COMPLETED',
] satisfies EventType[]);

/** What is told of a try: never an address. */
export interface MailAttempt {
  readonly digestId: string;
  readonly attemptCount: number;
  readonly outcome: DigestOutcome;
  readonly code: string | null;
  readonly status: number | null;
}

export interface MailerOptions {
  readonly transport: MailTransport;
  readonly sender: MailSender;
  /** Where the gateway is reached. */
  readonly publicUrl: () => string;
  /** False while this node does not know what time it is. */
  readonly mayMail: () => boolean;
  readonly onAttempt: (tried: MailAttempt) => void;
  /** A secret of this key has leaked, and nobody could be told by mail so far. */
  readonly onUnreachable: (keyId: string) => void;
  readonly onFailure: (error: unknown) => void;
}

type MailerCore = Core & { readonly channels: readonly NoticeChannel[]; readonly follower: Follower };

/**
 * Brings notices, and word of leaks, to people by mail: sees to whom they go, gathers a digest for each, and hands it to the mail server. Any
 * number of nodes share the work. A mail may come twice when a node dies at the wrong moment, under the same message id.
 */
export class Mailer {
  readonly #core: MailerCore;
  readonly #options: MailerOptions;
  #timer: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #isWaiting = false;
  #isStopping = false;

  constructor(core: MailerCore, options: MailerOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#unwatch = this.#core.follower.watch((events) => {
      if (events.some(({ type }) => wakingEventTypes.has(type))) this.#wake();
    });
    this.#schedule();
  }

  /** Sends all that is due now. One at a time on a node: whoever asks meanwhile waits for its own turn. */
  sendDue(): Promise<void> {
    const turn = this.#running.then(() => this.#mailAll());
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  /** Ends after the digests under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    this.#unwatch?.();
    await this.#running;
    this.#options.transport.close();
  }

  async #mailAll(): Promise<void> {
    const { sender } = this.#options;
    const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1);
    for (;;) {
      // What a mail server has refused is addressed anew.
      while (!this.#isStopping && (await assignNoticeRecipients(this.#core)) > 0);
      while (!this.#isStopping && (await this.#addressLeaks()) > 0);
      while (!this.#isStopping && (await createDigests(this.#core, domain)) > 0);
      const claimed = this.#isStopping ? [] : await claimDigests(this.#core);
      if (claimed.length === 0) return;
      const results = await Promise.allSettled(claimed.map((digest) => this.#send(digest)));
      for (const result of results) if (result.status === 'rejected') this.#options.onFailure(result.reason);
    }
  }

  async #addressLeaks(): Promise<number> {
    const { count, unreachableKeyIds } = await assignLeakRecipients(this.#core);
    for (const keyId of unreachableKeyIds) this.#options.onUnreachable(keyId);
    return count;
  }

  async #send(digest: ClaimedDigest): Promise<void> {
    const loaded = await loadDigest(this.#core, digest);
    const { outcome, code, status } = await this.#handOver(digest, loaded);
    const told = await finishDigest(this.#core, digest, outcome, loaded.included);
    if (told === null) return;
    this.#options.onAttempt({ digestId: digest.id, attemptCount: digest.attemptCount, outcome: told, code, status });
  }

  async #handOver(
    { messageId, accountId }: ClaimedDigest,
    { email, isWanted, keys, leaks }: Awaited<ReturnType<typeof loadDigest>>,
  ): Promise<Omit<MailTransportResult, 'outcome'> & { readonly outcome: MailTransportResult['outcome'] | 'NOTHING' }> {
    if (keys.length + leaks.length === 0) return { outcome: 'NOTHING', code: null, status: null };
    if (!isWanted) return { outcome: 'REFUSED', code: null, status: null };
    const base = this.#options.publicUrl();
    const links = {
      key: (id: string) => `${base}/graphql?query=${encodeURIComponent(keyQuery(id))}`,
      unsubscribe: `${base}/unsubscribe?token=${createUnsubscribeToken(this.#core.sealer, accountId)}`,
    };
    const now = this.#core.clock.now();
    return this.#options.transport.send({
      messageId,
      to: email,
      subject: mailSubject({ keys, leaks }),
      text: writeText({ keys, leaks }, links, now),
      html: writeHtml({ keys, leaks }, links, now),
      unsubscribe: links.unsubscribe,
    });
  }

  /** At once, unless that is about to happen. */
  #wake(): void {
    if (this.#isWaiting || this.#isStopping || !this.#options.mayMail()) return;
    this.#isWaiting = true;
    const turn = this.#running.then(() => {
      this.#isWaiting = false;
      return this.#mailAll();
    });
    this.#running = turn.catch(this.#options.onFailure);
  }

  #schedule(): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(POLL_MS, () => {
      this.#wake();
      void this.#running.then(() => this.#schedule());
    });
  }
}

/** What a link to a key asks: its page is GraphiQL, with this in it. */
function keyQuery(id: string): string {
  return `{ key(id: ${JSON.stringify(id)}) { name state stopsAt stopsBasis lastUsedAt explanation { summary } } }`;
}
