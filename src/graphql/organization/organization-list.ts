import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleOrganizations } from '../../accounts/visible-accounts.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { checkSearch, matchPart } from '../search.ts';
import { OrganizationRef } from './organization.ts';

const OrganizationFilterRef = builder.inputType('OrganizationFilter', {
  description: 'Which organizations to choose. All conditions must match.',
  fields: (t) => ({
    search: t.string({
      description: 'A part of the name, regardless of case; at most 100 characters. Empty: no condition.',
    }),
  }),
});

const OrganizationConnectionRef = builder.connectionObject(
  { type: OrganizationRef, name: 'OrganizationConnection' },
  { name: 'OrganizationEdge' },
);

builder.queryField('organizations', (t) =>
  t.field({
    type: OrganizationConnectionRef,
    description:
      'The organizations that the caller may see, oldest first. An account sees its organizations. An administrator sees all organizations. A key sees no organization.',
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: OrganizationFilterRef, description: 'Which organizations to choose. Default: all.' }),
    },
    resolve: async (_root, { filter, ...page }, context, info) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'ASC' });
      const found = filter?.search ? { name: matchPart(checkSearch(filter.search)) } : {};
      const rows = await context.db.organization.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visibleOrganizations(context.caller), found, ...where] },
      });
      return connection(rows);
    },
  }),
);
