import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleRealms } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { checkSearch, matchPart } from '../search.ts';
import { RealmRef } from './realm.ts';

const RealmFilterRef = builder.inputType('RealmFilter', {
  description: 'Which realms to choose. All conditions must match.',
  fields: (t) => ({
    search: t.string({
      description: 'A part of the name or the slug, regardless of case; at most 100 characters. Empty: no condition.',
    }),
  }),
});

const RealmConnectionRef = builder.connectionObject({ type: RealmRef, name: 'RealmConnection' }, { name: 'RealmEdge' });

builder.queryField('realms', (t) =>
  t.field({
    type: RealmConnectionRef,
    description: 'The realms that the caller may see, oldest first. Accounts see every realm, a key only its own.',
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: RealmFilterRef, description: 'Which realms to choose. Default: all.' }),
    },
    resolve: async (_root, { filter, ...page }, context, info) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'ASC' });
      const search = filter?.search ? matchPart(checkSearch(filter.search)) : null;
      const found = search === null ? {} : { OR: [{ name: search }, { slug: search }] };
      const rows = await context.db.realm.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visibleRealms(context.caller), found, ...where] },
      });
      return connection(rows);
    },
  }),
);
