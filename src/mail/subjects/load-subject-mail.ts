import { explainStop } from '../../keys/explain.ts';
import { explanationSelect } from '../../keys/explained-key.ts';
import type { NoticeId } from '../../keys/mark-notices-delivered.ts';
import type { Core } from '../../store/core.ts';
import type { MailLabel } from '../describe-labels.ts';
import { isNoticeCurrent } from '../is-notice-current.ts';
import type { ClaimedSubjectMail } from './claim-subject-mails.ts';

/** A key that stops, as a mail to its subject describes it. The name is unescaped, as it was entered. */
export interface StoppingSubjectKey {
  readonly name: string;
  /** The start of its current secret. */
  readonly start: string;
  /** Its labels by name, unescaped. */
  readonly labels: readonly MailLabel[];
  /** Null: it was never used. */
  readonly lastUsedAt: Date | null;
  readonly stopsAt: Date;
  readonly isExtendedByUse: boolean;
  /** Why it stops then, as an English sentence. */
  readonly why: string;
}

/** The contents, the sender and the recipient of a mail to a subject. */
export interface LoadedSubjectMail {
  /** Null: the subject cannot be mailed any more. */
  readonly recipient: {
    readonly email: string;
    readonly language: string | null;
    readonly realmId: string;
    readonly senderName: string;
    readonly replyTo: string | null;
    readonly keysPage: string | null;
  } | null;
  /** The keys that still stop as their notice says, soonest first. */
  readonly keys: readonly StoppingSubjectKey[];
  /** The notices that the mail contains. */
  readonly included: readonly NoticeId[];
}

const noticedKeyColumns = {
  ...explanationSelect,
  name: true,
  subjectId: true,
  expiredAt: true,
  revokedAt: true,
  lastUsedAt: true,
  labels: { select: { name: true, value: true }, orderBy: { name: 'asc' } },
  secrets: { where: { retiresAt: null }, select: { start: true } },
} as const;

/** Loads the current contents of a mail: each key once that the subject still owns, and whose stop is still that of the notice. */
export async function loadSubjectMail(
  { prisma, clock }: Core,
  { id, subjectId }: ClaimedSubjectMail,
): Promise<LoadedSubjectMail> {
  const { realm, ...subject } = await prisma.subject.findUniqueOrThrow({
    where: { id: subjectId },
    include: { realm: { select: { subjectMailName: true, subjectMailReplyTo: true, subjectMailPage: true } } },
  });
  const notices = await prisma.subjectNotice.findMany({
    where: { mailId: id },
    include: { notice: { include: { key: { select: noticedKeyColumns } } } },
    orderBy: [{ stopsAt: 'asc' }, { keyId: 'asc' }, { thresholdMs: 'asc' }],
  });
  const now = clock.now();
  const current = notices.filter(
    ({ notice: { key }, stopsAt }) => key.subjectId === subjectId && isNoticeCurrent(key, { stopsAt }, now),
  );
  const keys = new Map(
    current.map(({ keyId, stopsAt, notice: { key } }): [string, StoppingSubjectKey] => [
      keyId,
      {
        name: key.name,
        start: key.secrets[0]?.start ?? '',
        labels: key.labels,
        lastUsedAt: key.lastUsedAt,
        stopsAt,
        isExtendedByUse: key.stopsBasis === 'BY_USE',
        why: explainStop(key),
      },
    ]),
  );
  const { email, language, realmId, noticesByMail, disabledAt, removedAt } = subject;
  const isWanted = noticesByMail && disabledAt === null && removedAt === null;
  const { subjectMailName: senderName, subjectMailReplyTo: replyTo, subjectMailPage: keysPage } = realm;
  return {
    recipient:
      isWanted && email !== null && senderName !== null
        ? { email, language, realmId, senderName, replyTo, keysPage }
        : null,
    keys: [...keys.values()],
    included: current.map(({ keyId, stopsAt, thresholdMs }) => ({ keyId, stopsAt, thresholdMs })),
  };
}
