import { always, listOf, objectOf, optional } from './event-field.ts';
import { beforeAndAfter, changed, changedType, label, leakResponse, role, scope } from './shared-event-fields.ts';

const ceiling = objectOf('ChangedCeiling', 'One scope of the ceiling of a role, before or after a change.', {
  role: always(role, 'The role that the ceiling limits.'),
  action: always('text', 'An action, prefix:* for all actions with that prefix, or * for all.'),
  resource: always('text', 'A glob of resources.'),
});

const freeze = objectOf('ChangedFreeze', 'A period without stops by policy, before or after a change.', {
  from: always('instant', 'When the freeze begins.'),
  to: always('instant', 'When the freeze ends.'),
  reason: always('text', 'Why there is a freeze, for people.'),
});

const subjectCeiling = objectOf('ChangedSubjectCeiling', 'A ceiling of subjects, before or after a change.', {
  label: optional(label, 'The label that a subject must have. Null: it applies to every subject.'),
  scopes: always(listOf(scope), 'The scopes that keys of these subjects may get.'),
});

const foreignSecrets = objectOf('ChangedForeignSecrets', 'The foreign secrets that a realm accepts.', {
  pattern: always('text', 'The pattern that they match.'),
  randomBits: always('integer', 'How many random bits they have at least.'),
});

const subjectMail = objectOf('ChangedSubjectMail', 'How a realm mails its subjects.', {
  senderName: always('text', 'The name under which subjects get mails.'),
  replyTo: optional('text', 'The address for replies. Null: replies go to the sender.'),
  keysPage: optional('text', 'The page on which customers see their keys. Null: mails link to none.'),
});

const changedRealm = changedType('Realm', 'a realm', {
  name: optional('text', 'The name of the realm.'),
  foldsCase: optional('boolean', 'Whether scopes match resources without regard to case.'),
  minimumNotice: optional('duration', 'The minimum notice period of the bindings.'),
  shortestLifetime: optional('duration', 'The shortest lifetime that a key may be given.'),
  longestLifetime: optional('duration', 'The longest lifetime that a key may be given.'),
  longestShift: optional('duration', 'How far a freeze may postpone a stop.'),
  leakResponse: optional(leakResponse, 'What happens to a key whose secret is reported as leaked.'),
  signedTokens: optional('boolean', 'Whether keys can be exchanged for signed tokens.'),
  secretPrefix: optional('text', 'What new secrets begin with.'),
  foreignSecrets: optional(foreignSecrets, 'The secrets of other systems that verify. Null: none.'),
  subjectMail: optional(subjectMail, 'How the realm mails its subjects about their keys. Null: it does not.'),
  ceilings: optional(listOf(ceiling), 'The scopes that each role may give to keys.'),
  subjectCeilings: optional(listOf(subjectCeiling), 'The scopes that keys of subjects may get.'),
  portalOrigins: optional(listOf('text'), 'The origins of pages that use portal sessions.'),
  freezes: optional(listOf(freeze), 'The freeze calendar.'),
});

const actionName = always('text', 'The name of the action in scopes.');

/** The fields of `data` of the events of realms. */
export const realmEventFields = {
  REALM_CREATED: { slug: always('text', 'The name of the realm in URLs and inputs.') },
  REALM_UPDATED: { changed, ...beforeAndAfter(changedRealm) },
  ACTION_DEFINED: { name: actionName },
  ACTION_RETIRED: { name: actionName },
} as const;
