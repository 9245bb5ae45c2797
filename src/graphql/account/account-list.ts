import { queryFromInfo } from '@pothos/plugin-prisma';
import { visibleAccounts } from '../../accounts/visible-accounts.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { checkSearch, matchPart } from '../search.ts';
import { AccountRef } from './account.ts';

const AccountFilterRef = builder.inputType('AccountFilter', {
  description: 'Which accounts to choose. All conditions must match.',
  fields: (t) => ({
    search: t.string({
      description:
        'A part of the name, and for administrators also of the address, regardless of case; at most 100 characters. Empty: no condition.',
    }),
    isDisabled: t.boolean({ description: 'True: only disabled accounts. False: only accounts that can sign in.' }),
    isAdministrator: t.boolean({ description: 'True: only administrators of the gateway. False: only others.' }),
  }),
});

const AccountConnectionRef = builder.connectionObject(
  { type: AccountRef, name: 'AccountConnection' },
  { name: 'AccountEdge' },
);

builder.queryField('accounts', (t) =>
  t.field({
    type: AccountConnectionRef,
    description:
      'The accounts that the caller may see, oldest first. An account sees itself and the members of its organizations. An administrator sees all accounts. A key sees no account.',
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: AccountFilterRef, description: 'Which accounts to choose. Default: all.' }),
    },
    resolve: async (_root, { filter, ...page }, context, info) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'ASC' });
      const search = filter?.search ? matchPart(checkSearch(filter.search)) : null;
      // Only a caller that may read an address may search for it.
      const byEmail = search !== null && may(context.caller, 'account.read', {}) ? [{ email: search }] : [];
      const isDisabled = filter?.isDisabled ?? null;
      const rows = await context.db.account.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: {
          AND: [
            visibleAccounts(context.caller),
            search === null ? {} : { OR: [{ name: search }, ...byEmail] },
            isDisabled === null ? {} : { disabledAt: isDisabled ? { not: null } : null },
            filter?.isAdministrator == null ? {} : { isAdministrator: filter.isAdministrator },
            ...where,
          ],
        },
      });
      return connection(rows);
    },
  }),
);
