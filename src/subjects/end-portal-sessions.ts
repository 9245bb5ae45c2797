import type { Subject } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { lockSubject, type SubjectName } from './lock-subject.ts';

export interface EndPortalSessionsInput extends SubjectName {
  readonly reason: string | null;
}

export type PortalSessionsEnd = { readonly subjectId: string; readonly sessionIds: readonly string[] };

/** Ends all portal sessions of a subject, at once. */
export const endPortalSessions = useCase<EndPortalSessionsInput, Subject, PortalSessionsEnd>()({
  name: 'endPortalSessions',
  guessable: ['externalId'],

  async authorize(change, caller, input) {
    if (input.reason !== null) checkText('reason', input.reason, LONGEST_REASON);
    return lockSubject(change, caller, input);
  },

  async run(change, caller, { reason }, { id: subjectId, realmId }) {
    const sessionIds = await endSessionsOf(change, subjectId);
    if (sessionIds.length > 0) {
      const about = { at: change.now(), realmId, ownerId: subjectId, actor: actorOf(caller), reason };
      change.record({ type: 'PORTAL_SESSIONS_ENDED', ...about, data: { sessionCount: sessionIds.length } });
    }
    return { subjectId, sessionIds };
  },
});

/** Ends the sessions of a subject that have not ended, and returns their ids. */
export async function endSessionsOf({ tx, now }: Change, subjectId: string): Promise<readonly string[]> {
  const at = now();
  const ended = await tx.$queryRaw<{ readonly id: string }[]>`
    UPDATE "PortalSession" SET "endedAt" = ${at}, "codeDigest" = NULL, "sealedToken" = NULL
    WHERE "subjectId" = ${subjectId} AND "expiresAt" > ${at} AND "endedAt" IS NULL RETURNING id`;
  return ended.map(({ id }) => id);
}
