import { always, choice, listOf, optional, recorded } from './event-field.ts';
import { portalActions } from './portal.ts';
import { beforeAndAfter, changed, changedType, label } from './shared-event-fields.ts';

// The log outlives a subject: no event has its external id, name or email, and of its labels only those that administrators write.
const changedSubject = changedType('Subject', 'a subject', {
  labels: optional(listOf(label), 'The labels of the subject under policy/.'),
  noticesByMail: optional('boolean', 'Whether the subject may be mailed about its keys.'),
});

const portalAction = choice('PortalAction', portalActions);

/** The fields of `data` of the events of subjects. */
export const subjectEventFields = {
  SUBJECT_CREATED: {
    labels: always(
      listOf(label),
      'The labels of the subject under policy/. An event has no other labels of a subject: they may name it.',
    ),
  },
  SUBJECT_UPDATED: { changed, ...beforeAndAfter(changedSubject) },
  SUBJECT_DISABLED: {
    keyCount: always('integer', 'How many keys of the subject are held.'),
    isByAdministrator: recorded('boolean', 'Whether only administrators enable the subject again.'),
  },
  SUBJECT_ENABLED: { keyCount: always('integer', 'How many keys of the subject had a hold lifted.') },
  PORTAL_SESSION_CREATED: {
    sessionId: always('id', 'The portal session that was created.'),
    may: always(listOf(portalAction), 'What the session may do.'),
    expiresAt: recorded('instant', 'When the session ends by itself.'),
  },
  PORTAL_SESSIONS_ENDED: { sessionCount: always('integer', 'How many sessions ended.') },
  SUBJECT_REMOVED: { keyCount: always('integer', 'How many keys of the subject were revoked.') },
} as const;
