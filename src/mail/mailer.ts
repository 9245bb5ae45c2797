import { SECOND_MS } from '../domain/duration.ts';
import type { EventType } from '../domain/event.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { Follower } from '../log/follower.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { assignLeakRecipients } from './assign-leak-recipients.ts';
import { assignOperationRecipients } from './assign-operation-recipients.ts';
import { assignNoticeRecipients } from './assign-notice-recipients.ts';
import { claimDigests, type ClaimedDigest } from './claim-digests.ts';
import { digestDocument, mailSubject } from './digest-document.ts';
import { finishDigest, type DigestOutcome } from './finish-digest.ts';
import { createDigests } from './create-digests.ts';
import { loadDigest } from './load-digest.ts';
import type { MailTransportResult, MailTransport, MailSender } from './mail-transport.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';
import { sendSubjectMails } from './subjects/send-subject-mails.ts';
import type { SubjectMailOutcome } from './subjects/finish-subject-mail.ts';
import { createUnsubscribeToken } from './unsubscribe-token.ts';

/** How often the mailer polls for work: for what comes due by time, and in case the log did not wake it. */
const POLL_MS = 30 * SECOND_MS;

/** The events after which there may be a mail to send: notices, what a leak report does to a key, ends of operations. */
const wakingEventTypes: ReadonlySet<string> = new Set([
  'KEY_EXPIRING',
  'KEY_STOPS_BEFORE_NEXT_USE',
  'KEY_HELD',
  'KEY_REVOKED',
  'KEY_ROTATION_COMPLETED',
  'OPERATION_ENDED',
  'OPERATION_STOPPED',
] satisfies EventType[]);

/** An attempt to send a digest, for logs and metrics. It contains no address. */
export interface MailAttempt {
  readonly digestId: string;
  readonly attemptCount: number;
  readonly outcome: DigestOutcome | SubjectMailOutcome;
  readonly code: string | null;
  readonly status: number | null;
}

export interface MailerOptions {
  readonly transport: MailTransport;
  readonly sender: MailSender;
  /** Returns the base URL of the links that stop mails. */
  readonly publicUrl: () => string;
  /** The URL at which people reach the pages of the gateway. Null: mails link to no page. */
  readonly pagesUrl: string | null;
  /** Returns false while this node's clock is not trusted. */
  readonly mayMail: () => boolean;
  readonly onAttempt: (attempt: MailAttempt) => void;
  /** Called for a key with a leaked secret if no recipient could be reached by mail. */
  readonly onUnreachable: (keyId: string) => void;
  readonly onFailure: (error: unknown) => void;
}

type MailerCore = Core & { readonly channels: readonly NoticeChannel[]; readonly follower: Follower };

/**
 * Sends notices and leak reports by mail: assigns recipients, gathers a digest for each, and hands it to the mail
 * server. Any number of nodes share the work. If a node dies between the mail server's acceptance and its own commit,
 * the mail is sent again under the same Message-ID.
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

  /**
   * Sends everything that is due now. Runs are serialized on a node: a call during a run starts its own run after it.
   */
  sendDue(): Promise<void> {
    const run = this.#running.then(() => this.#mailAll());
    this.#running = run.catch(() => undefined);
    return run;
  }

  /** Stops after the digests in progress. */
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
      // Notices that the mail server refused get new recipients in the next round.
      while (!this.#isStopping && (await assignNoticeRecipients(this.#core)) > 0);
      while (!this.#isStopping && (await this.#assignLeakRecipients()) > 0);
      while (!this.#isStopping && (await assignOperationRecipients(this.#core)) > 0);
      while (!this.#isStopping && (await createDigests(this.#core, domain)) > 0);
      const subjectMailCount = await this.#sendSubjectMails(domain);
      const claimed = this.#isStopping ? [] : await claimDigests(this.#core);
      if (claimed.length + subjectMailCount === 0) return;
      const results = await Promise.allSettled(claimed.map((digest) => this.#send(digest)));
      for (const result of results) if (result.status === 'rejected') this.#options.onFailure(result.reason);
    }
  }

  #sendSubjectMails(domain: string): Promise<number> {
    const { transport, publicUrl, onAttempt, onFailure } = this.#options;
    const isStopping = () => this.#isStopping;
    return sendSubjectMails(this.#core, { transport, domain, publicUrl, isStopping, onAttempt, onFailure });
  }

  async #assignLeakRecipients(): Promise<number> {
    const { count, unreachableKeyIds } = await assignLeakRecipients(this.#core);
    for (const keyId of unreachableKeyIds) this.#options.onUnreachable(keyId);
    return count;
  }

  async #send(digest: ClaimedDigest): Promise<void> {
    const loaded = await loadDigest(this.#core, digest);
    const { outcome, code, status } = await this.#handOver(digest, loaded);
    const digestOutcome = await finishDigest(this.#core, digest, outcome, loaded.included);
    if (digestOutcome === null) return;
    this.#options.onAttempt({
      digestId: digest.id,
      attemptCount: digest.attemptCount,
      outcome: digestOutcome,
      code,
      status,
    });
  }

  async #handOver(
    { messageId, accountId }: ClaimedDigest,
    { email, isWanted, ...contents }: Awaited<ReturnType<typeof loadDigest>>,
  ): Promise<Omit<MailTransportResult, 'outcome'> & { readonly outcome: MailTransportResult['outcome'] | 'NOTHING' }> {
    const { keys, leaks, operations } = contents;
    if (keys.length + leaks.length + operations.length === 0) return { outcome: 'NOTHING', code: null, status: null };
    if (!isWanted) return { outcome: 'REFUSED', code: null, status: null };
    const { pagesUrl, publicUrl, sender } = this.#options;
    const links = {
      key: (id: string) => (pagesUrl === null ? null : `${pagesUrl}/keys/${encodeURIComponent(id)}`),
      unsubscribe: `${publicUrl()}/unsubscribe?token=${createUnsubscribeToken(this.#core.sealer, accountId)}`,
    };
    const now = this.#core.clock.now();
    const document = digestDocument(contents, { links, now, senderName: sender.name });
    return this.#options.transport.send({
      messageId,
      to: email,
      subject: mailSubject(contents),
      text: renderText(document),
      html: renderHtml(document),
      unsubscribe: links.unsubscribe,
    });
  }

  /** Starts a run after the current one, unless one is queued already or the clock is not trusted. */
  #wake(): void {
    if (this.#isWaiting || this.#isStopping || !this.#options.mayMail()) return;
    this.#isWaiting = true;
    const run = this.#running.then(() => {
      this.#isWaiting = false;
      return this.#mailAll();
    });
    this.#running = run.catch(this.#options.onFailure);
  }

  #schedule(): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(POLL_MS, () => {
      this.#wake();
      void this.#running.then(() => this.#schedule());
    });
  }
}
