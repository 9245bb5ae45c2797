import type { Account, Organization } from '../../prisma/generated/client/client.ts';
import { builder } from './builder.ts';

export const OwnerRef = builder.interfaceRef<Account | Organization>('Owner').implement({
  description: 'Who owns keys: an account or an organization.',
  resolveType: (owner) => ('email' in owner ? 'Account' : 'Organization'),
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
  }),
});
