import { portalActions, PORTAL_CODE_MS, portalCodeOf } from '../../domain/portal.ts';
import { addMs, hasCome } from '../../domain/key.ts';
import { findSubjectScopes, type SubjectCeiling } from '../../domain/subject.ts';
import type { LabelInput } from '../../keys/check-labels.ts';
import { createPortalSession, type PortalSessionCreation } from '../../subjects/create-portal-session.ts';
import { endPortalSessions } from '../../subjects/end-portal-sessions.ts';
import { PortalActionEnum } from '../enums.ts';
import { ScopeRef } from '../key/key-parts.ts';
import { builder } from '../builder.ts';
import { mutation } from '../mutation.ts';
import { SubjectRef } from './subject.ts';
import { realmText, externalIdText, callersText, subjectFields } from './subject-mutations.ts';

const PortalSessionRef = builder.prismaObject('PortalSession', {
  description: 'A right to see and manage the keys of one subject from a browser, for at most an hour.',
  fields: (t) => ({
    sessionId: t.exposeID('id', { description: 'Id of the session. Key.issuedBy names it for keys that it issued.' }),
    subject: t.relation('subject', { type: SubjectRef, description: 'The subject whose keys it sees and manages.' }),
    may: t.field({
      type: [PortalActionEnum],
      description: 'What the session allows.',
      select: { may: true },
      resolve: ({ may }) => portalActions.filter((action) => may.includes(action)),
    }),
    issuableScopes: t.field({
      type: [ScopeRef],
      description:
        'The widest scopes that the session may give to a key, as the subjectCeilings of the realm say for the subject. An action may also be prefix:* or *. Empty: the session may issue no key.',
      select: {
        may: true,
        subject: { select: { labels: true } },
        realm: { select: { subjectCeilings: true } },
      },
      resolve: ({ may, subject, realm }) =>
        may.includes('ISSUE')
          ? [
              ...findSubjectScopes(
                realm.subjectCeilings as unknown as readonly SubjectCeiling[],
                subject.labels as unknown as readonly LabelInput[],
              ),
            ]
          : [],
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the session ends by itself.' }),
  }),
});

builder.queryField('portalSession', (t) =>
  t.prismaField({
    type: PortalSessionRef,
    nullable: true,
    description:
      'The portal session whose token the page sent: what it may do, for whom and until when. Null for all other callers.',
    resolve: (query, _root, _args, { db, caller }) =>
      caller.kind === 'PORTAL' ? db.portalSession.findUnique({ ...query, where: { id: caller.id } }) : null,
  }),
);

mutation('createPortalSession', {
  description: `Creates a portal session: a token with which a browser sees and manages the keys of one subject, and nothing else, at /graphql. It is sent as Authorization: Bearer, by pages of the realm’s portalOrigins only. The session ends by itself, and at once when it is ended, when its subject is disabled or removed, or when the key that made it is held or revoked. ${callersText}`,
  input: {
    description: 'For whom the session is, for how long, and what it allows.',
    fields: (t) => ({
      realm: t.string({ required: true, description: realmText }),
      externalId: t.string({ required: true, description: externalIdText }),
      lifetime: t.field({ type: 'Duration', description: 'How long it lasts: PT1S to PT1H. Default: PT1H.' }),
      may: t.field({
        type: [PortalActionEnum],
        required: true,
        description: 'What it allows: at least one action.',
      }),
      page: t.string({
        description:
          'The page that `url` leads to: a URL at one of the realm’s portalOrigins, without a fragment. Default: the root of the first of them.',
      }),
    }),
  },
  useCase: createPortalSession,
  toInput: (input) => ({
    realm: input.realm,
    externalId: input.externalId,
    lifetimeMs: input.lifetime ?? null,
    may: input.may,
    page: input.page ?? null,
  }),
  failures: ['RealmNotFound', 'SubjectNotFound', 'SubjectNotActive'],
  success: {
    description: 'The session. Its token is a secret: give it to the page of that customer alone, in no URL.',
    fields: (t) => ({
      sessionId: t.exposeID('sessionId', { description: 'Id of the portal session, for events and Key.issuedBy.' }),
      token: t.string({
        nullable: true,
        description:
          'The token: ktp_ and 49 characters. Shown once. Null if this repeats an earlier request whose token can no longer be shown: it has been used, or is more than 24 hours old.',
        resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
      }),
      url: t.string({
        nullable: true,
        description:
          'The page, with a one-time code in its fragment: #code=…. The page exchanges the code for the token by POST /portal-session, within 60 seconds. Null if the realm has no portalOrigins, or the code can no longer be exchanged.',
        resolve: (creation, _args, { services }) => urlOf(creation, services.clock.now()),
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the session ends by itself.' }),
    }),
  },
});

function urlOf({ page, createdAt, delivery: { text } }: PortalSessionCreation, now: Date): string | null {
  if (page === null || text === null || hasCome(addMs(createdAt, PORTAL_CODE_MS), now)) return null;
  return `${page}#code=${portalCodeOf(text).reveal()}`;
}

mutation('endPortalSessions', {
  description: `Ends all portal sessions of a subject, at once: their requests are refused, and their sockets close. ${callersText}`,
  input: {
    description: 'Whose sessions to end.',
    fields: (t) => ({
      realm: t.string({ required: true, description: realmText }),
      externalId: t.string({ required: true, description: externalIdText }),
      reason: t.string({ description: 'Why, for the event: 1 to 500 characters.' }),
    }),
  },
  useCase: endPortalSessions,
  toInput: ({ realm, externalId, reason }) => ({ realm, externalId, reason: reason ?? null }),
  failures: ['RealmNotFound', 'SubjectNotFound'],
  success: {
    description: 'The sessions have ended.',
    fields: (t) => ({
      ...subjectFields(t),
      endedCount: t.int({ description: 'How many sessions ended.', resolve: ({ sessionIds }) => sessionIds.length }),
    }),
  },
});
