import { queryFromInfo } from '@pothos/plugin-prisma';
import { checkExternalId } from '../../keys/subject-owner.ts';
import { visibleSubjects } from '../../subjects/visible-subjects.ts';
import { builder } from '../builder.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { createKeyset } from '../keyset.ts';
import { checkSearch, matchPart } from '../search.ts';
import { SubjectRef } from './subject.ts';

const SubjectFilterRef = builder.inputType('SubjectFilter', {
  description: 'Which subjects to choose. All conditions must match.',
  fields: (t) => ({
    externalId: t.string({ description: 'Only the subject with exactly this external id.' }),
    disabled: t.boolean({ description: 'True: only disabled subjects. False: only others.' }),
    search: t.string({
      description:
        'A part of the name or of the external id, regardless of case; at most 100 characters. Empty: no condition.',
    }),
  }),
});

const SubjectConnectionRef = builder.connectionObject(
  { type: SubjectRef, name: 'SubjectConnection' },
  { name: 'SubjectEdge' },
);

builder.queryField('subjects', (t) =>
  t.field({
    type: SubjectConnectionRef,
    description:
      'The subjects of a realm, oldest first, without removed ones. Administrators see the subjects of every realm, a key with the scope keytide:manage those of its realm, and other callers none.',
    args: {
      ...t.arg.connectionArgs(),
      realm: t.arg.string({ required: true, description: 'The realm’s slug.' }),
      filter: t.arg({ type: SubjectFilterRef, description: 'Which subjects to choose. Default: all.' }),
    },
    resolve: async (_root, { realm, filter, ...page }, context, info) => {
      recordReadAsUse(context);
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'ASC' });
      const { externalId, disabled, search } = filter ?? {};
      if (externalId != null) checkExternalId(externalId, ['filter', 'externalId']);
      const found = search ? matchPart(checkSearch(search)) : null;
      const rows = await context.db.subject.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: {
          AND: [
            visibleSubjects(context.caller),
            { realm: { slug: realm }, removedAt: null },
            externalId == null ? {} : { externalId },
            disabled == null ? {} : { disabledAt: disabled ? { not: null } : null },
            found === null ? {} : { OR: [{ name: found }, { externalId: found }] },
            ...where,
          ],
        },
      });
      return connection(rows);
    },
  }),
);
