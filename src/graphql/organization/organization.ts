import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleOrganizations } from '../../accounts/visible-accounts.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { builder } from '../builder.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { KeyConnectionRef } from '../key/key-queries.ts';
import { createKeyset } from '../keyset.ts';
import { MembershipRef } from '../account/account.ts';
import { OwnerRef } from '../owner.ts';

export const OrganizationRef = builder.prismaNode('Organization', {
  id: { field: 'id' },
  nullable: true,
  interfaces: [OwnerRef],
  description: 'A group of accounts that owns keys together. Its keys survive the members who issued them.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleOrganizations(caller)] }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The organization’s name, for people. Not unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the organization was created.' }),
    members: t.field({
      type: [MembershipRef],
      description: 'The members, oldest membership first. Empty unless the caller is a member or an administrator.',
      select: { memberships: { orderBy: [{ createdAt: 'asc' }, { accountId: 'asc' }] } },
      resolve: ({ memberships }, _args, { caller }) => {
        if (caller.kind !== 'ACCOUNT') return [];
        // Checked against the current members: the caller's roles are as of before the mutation, which may have changed
        // them.
        const isMember = memberships.some(({ accountId }) => accountId === caller.id);
        return isMember || caller.isAdministrator ? memberships : [];
      },
    }),
    keys: t.field({
      type: KeyConnectionRef,
      description: 'The organization’s keys that the caller may see, newest first.',
      args: t.arg.connectionArgs(),
      select: { id: true },
      resolve: async ({ id }, args, context, info) => {
        recordReadAsUse(context);
        const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
        const rows = await context.db.key.findMany({
          ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
          ...rest,
          where: { AND: [visibleKeys(context.caller), { organizationId: id }, ...where] },
        });
        return connection(rows);
      },
    }),
  }),
});

builder.queryField('organization', (t) =>
  t.prismaField({
    type: 'Organization',
    nullable: true,
    description: 'The organization with this id. Null if there is none, or the caller may not see it.',
    args: { id: t.arg.id({ required: true, description: 'The organization’s id: organization_…' }) },
    resolve: (query, _root, { id }, { db, caller }) =>
      db.organization.findUnique({ ...query, where: { id, AND: [visibleOrganizations(caller)] } }),
  }),
);
