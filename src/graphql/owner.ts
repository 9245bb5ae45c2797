import type { Account, Organization } from '../../prisma/generated/client/client.ts';
import { builder } from './builder.ts';

export const OwnerRef = builder.interfaceRef<Account | Organization>('Owner').implement({
  description: 'An account or an organization, as the owner of keys.',
  resolveType: (owner) => ('email' in owner ? 'Account' : 'Organization'),
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the account or organization.' }),
    name: t.exposeString('name', { description: 'Name of the account or organization, for people.' }),
  }),
});
