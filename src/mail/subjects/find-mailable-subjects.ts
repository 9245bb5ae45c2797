import { isSubjectId } from '../../domain/subject.ts';
import type { Transaction } from '../../store/core.ts';

/**
 * Returns the ids of those subjects to whom notices can be mailed: the realm mails its subjects, and the subject has an
 * address, wants mails, and is neither disabled nor removed.
 */
export async function findMailableSubjects(
  tx: Pick<Transaction, 'subject'>,
  ownerIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(ownerIds.filter(isSubjectId))];
  if (ids.length === 0) return new Set();
  const found = await tx.subject.findMany({ where: { id: { in: ids }, ...mailable }, select: { id: true } });
  return new Set(found.map(({ id }) => id));
}

export const mailable = {
  email: { not: null },
  noticesByMail: true,
  disabledAt: null,
  removedAt: null,
  realm: { subjectMailName: { not: null } },
} as const;
