import type { Account, Organization, Subject } from '../../prisma/generated/client/client.ts';
import { builder } from './builder.ts';

export const OwnerRef = builder.interfaceRef<Account | Organization | Subject>('Owner').implement({
  description: 'An account, an organization or a subject, as the owner of keys.',
  resolveType: (owner) => {
    if ('externalId' in owner) return 'Subject';
    return 'email' in owner ? 'Account' : 'Organization';
  },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the account, organization or subject.' }),
    name: t.string({
      description: 'Name of the account, organization or subject, for people.',
      resolve: (owner) => owner.name ?? ('externalId' in owner ? owner.externalId : null) ?? '',
    }),
  }),
});
