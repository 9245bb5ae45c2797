import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { LabelInput } from '../../keys/check-labels.ts';
import { visibleSubjects } from '../../subjects/visible-subjects.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { LabelRef } from '../key/key-parts.ts';
import { KeyConnectionRef } from '../key/key-queries.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';

export const SubjectRef = builder.prismaNode('Subject', {
  id: { field: 'id' },
  nullable: true,
  interfaces: [OwnerRef],
  description:
    'A customer of the API that a realm belongs to, known by the id that the API gave it. A subject owns keys and has no account.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleSubjects(caller)] }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm that the subject belongs to.' }),
    externalId: t.string({
      description:
        'The API’s id for the subject, exactly as the API sent it. Empty: the subject was removed, and its external id erased.',
      resolve: ({ externalId }) => externalId ?? '',
    }),
    name: t.string({
      description:
        'The subject’s name, for people; its external id if the API gave no name. Empty: the subject was removed.',
      resolve: ({ name, externalId }) => name ?? externalId ?? '',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address that the API gave for notices. It is not verified. Null: none.',
    }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'The language that the API gave for notices, as a BCP 47 tag such as de. Null: none.',
    }),
    noticesByMail: t.exposeBoolean('noticesByMail', {
      nullable: true,
      description:
        'Whether the subject may be mailed about its keys. False: the reader of its mails has unsubscribed. Another email makes it true; an address that has unsubscribed gets no mail all the same.',
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'The labels of the subject, by name. Those under policy/ decide which subjectCeilings apply.',
      resolve: ({ labels }) =>
        (labels as unknown as readonly LabelInput[]).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the subject was made.' }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the subject was disabled. Its keys are held since then. Null: it is not disabled.',
    }),
    removedAt: t.expose('removedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the subject was removed. Its keys are revoked. Null: it was not removed.',
    }),
    keys: t.field({
      type: KeyConnectionRef,
      description: 'The subject’s keys that the caller may see, newest first.',
      args: t.arg.connectionArgs(),
      select: { id: true },
      resolve: async ({ id }, args, context, info) => {
        recordReadAsUse(context);
        const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
        const rows = await context.db.key.findMany({
          ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
          ...rest,
          where: { AND: [visibleKeys(context.caller), { subjectId: id }, ...where] },
        });
        return connection(rows);
      },
    }),
  }),
});
