import type { Core } from '../../store/core.ts';
import type { MailTransport } from '../mail-transport.ts';
import { addressDigestOf } from './address-digest.ts';
import { claimSubjectMails, type ClaimedSubjectMail } from './claim-subject-mails.ts';
import { createSubjectMails } from './create-subject-mails.ts';
import { finishSubjectMail, type SubjectMailAttemptOutcome, type SubjectMailOutcome } from './finish-subject-mail.ts';
import { loadSubjectMail, type LoadedSubjectMail } from './load-subject-mail.ts';
import { reserveAddress } from './reserve-address.ts';
import { textLanguageOf } from './subject-texts.ts';
import { createSubjectUnsubscribeToken } from './subject-unsubscribe-token.ts';
import { writeSubjectMail } from './write-subject-mail.ts';

/** What sending mails to subjects needs beside the core. */
export interface SubjectMailOptions {
  readonly transport: MailTransport;
  /** The right-hand side of the message ids. */
  readonly domain: string;
  readonly publicUrl: () => string;
  readonly isStopping: () => boolean;
  readonly onAttempt: (attempt: {
    readonly digestId: string;
    readonly attemptCount: number;
    readonly outcome: SubjectMailOutcome;
    readonly code: string | null;
    readonly status: number | null;
  }) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Attempt {
  readonly outcome: SubjectMailAttemptOutcome;
  readonly code: string | null;
  readonly status: number | null;
}

/**
 * Sends the mails to subjects that are due: gathers the notices of each subject, and hands the mail to the mail server. Any
 * number of nodes share the work. Returns how many attempts were made.
 */
export async function sendSubjectMails(core: Core, options: SubjectMailOptions): Promise<number> {
  while (!options.isStopping() && (await createSubjectMails(core, options.domain)) > 0);
  const claimed = options.isStopping() ? [] : await claimSubjectMails(core);
  const results = await Promise.allSettled(claimed.map((mail) => sendMail(core, options, mail)));
  for (const result of results) if (result.status === 'rejected') options.onFailure(result.reason);
  return claimed.length;
}

async function sendMail(core: Core, options: SubjectMailOptions, mail: ClaimedSubjectMail): Promise<void> {
  const loaded = await loadSubjectMail(core, mail);
  const { recipient, included } = loaded;
  const digest = recipient === null ? null : addressDigestOf(core.sealer, recipient.email);
  const { outcome, code, status } = await handOver(core, options, mail, { ...loaded, digest });
  const mailOutcome = await finishSubjectMail(core, mail, { outcome, included, digest });
  if (mailOutcome === null) return;
  options.onAttempt({ digestId: mail.id, attemptCount: mail.attemptCount, outcome: mailOutcome, code, status });
}

async function handOver(
  core: Core,
  { transport, publicUrl }: SubjectMailOptions,
  mail: ClaimedSubjectMail,
  { recipient, keys, digest }: LoadedSubjectMail & { readonly digest: Buffer<ArrayBuffer> | null },
): Promise<Attempt> {
  const without = (outcome: SubjectMailAttemptOutcome) => ({ outcome, code: null, status: null });
  if (recipient === null || digest === null || keys.length === 0) return without('NOTHING');
  const { email, language, realmId, senderName, replyTo, keysPage } = recipient;
  const state = await reserveAddress(core, mail, realmId, digest);
  if (state !== 'FREE') return without(state);
  const token = createSubjectUnsubscribeToken(core.sealer, { realmId, subjectId: mail.subjectId, digest });
  const pageLanguage = textLanguageOf(language);
  const parameter = pageLanguage === 'en' ? '' : `language=${pageLanguage}&`;
  const unsubscribe = `${publicUrl()}/unsubscribe?${parameter}subject=${token}`;
  return transport.send({
    messageId: mail.messageId,
    to: email,
    ...writeSubjectMail({ keys, language, senderName, takesReplies: replyTo !== null, keysPage, unsubscribe }),
    unsubscribe,
    senderName,
    replyTo,
  });
}
