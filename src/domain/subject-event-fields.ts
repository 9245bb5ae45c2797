import { always, listOf, optional } from './event-field.ts';
import { beforeAndAfter, changed, changedType, label } from './shared-event-fields.ts';

// The log outlives a subject: no event has its external id, name or email, and of its labels only those that administrators write.
const changedSubject = changedType('Subject', 'a subject', {
  labels: optional(listOf(label), 'The labels of the subject under policy/.'),
  noticesByMail: optional('boolean', 'Whether the subject may be mailed about its keys.'),
});

/** The fields of `data` of the events of subjects. */
export const subjectEventFields = {
  SUBJECT_CREATED: {
    labels: always(
      listOf(label),
      'The labels of the subject under policy/. An event has no other labels of a subject: they may name it.',
    ),
  },
  SUBJECT_UPDATED: { changed, ...beforeAndAfter(changedSubject) },
  SUBJECT_DISABLED: { keyCount: always('integer', 'How many keys of the subject are held.') },
  SUBJECT_ENABLED: { keyCount: always('integer', 'How many keys of the subject had a hold lifted.') },
  SUBJECT_REMOVED: { keyCount: always('integer', 'How many keys of the subject were revoked.') },
} as const;
