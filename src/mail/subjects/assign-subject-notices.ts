import { MINUTE_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import type { NoticeId } from '../../keys/mark-notices-delivered.ts';
import type { Transaction } from '../../store/core.ts';
import { findMailableSubjects } from './find-mailable-subjects.ts';

/** How long a notice waits for others, so that one mail carries them all. */
const BATCHING_DELAY_MS = 5 * MINUTE_MS;

/** A notice of a key that a subject owns. */
export interface SubjectKeyNotice extends NoticeId {
  readonly key: { readonly subjectId: string | null };
}

/**
 * Queues notices for the mail to the subjects that own the keys. Returns the notices whose subject cannot be mailed.
 * A notice that failed before is not queued again, unless the key has another owner since.
 */
export async function assignSubjectNotices<Notice extends SubjectKeyNotice>(
  tx: Transaction,
  notices: readonly Notice[],
  now: Date,
): Promise<readonly Notice[]> {
  const mailable = await findMailableSubjects(tx, notices.map(subjectIdOf));
  const isMailable = (notice: Notice) => mailable.has(subjectIdOf(notice));
  for (const { keyId, stopsAt, thresholdMs, key } of notices.filter(isMailable)) {
    await tx.$executeRaw`
      INSERT INTO "SubjectNotice" ("keyId", "stopsAt", "thresholdMs", "subjectId", "addedAt", "dueAt")
      VALUES (${keyId}, ${stopsAt}, ${thresholdMs}, ${key.subjectId}, ${now}, ${addMs(now, BATCHING_DELAY_MS)})
      ON CONFLICT ("keyId", "stopsAt", "thresholdMs") DO UPDATE SET "subjectId" = excluded."subjectId",
        "addedAt" = excluded."addedAt", "dueAt" = excluded."dueAt", "mailId" = NULL, "failedAt" = NULL
      WHERE "SubjectNotice"."subjectId" <> excluded."subjectId"`;
  }
  return notices.filter((notice) => !isMailable(notice));
}

function subjectIdOf({ key }: SubjectKeyNotice): string {
  return key.subjectId ?? '';
}
