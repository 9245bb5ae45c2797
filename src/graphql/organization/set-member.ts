import { setMember } from '../../accounts/set-member.ts';
import { RoleEnum } from '../enums.ts';
import { mutation } from '../mutation.ts';
import { organizationFields } from './organization-success.ts';

mutation('setMember', {
  description:
    'Adds an account to an organization, changes its role, or removes it. For OWNERs, ADMINs and administrators; an ADMIN may neither make nor change an OWNER. Every member may remove itself. The last OWNER can be neither removed nor given another role.',
  input: {
    description: 'Which account gets which role in which organization.',
    fields: (t) => ({
      organizationId: t.id({ required: true, description: 'The organization to change.' }),
      accountId: t.id({ required: true, description: 'The account to add, change or remove.' }),
      role: t.field({
        type: RoleEnum,
        description: 'The account’s new role. Null or omitted: the account is removed from the organization.',
      }),
    }),
  },
  useCase: setMember,
  toInput: ({ organizationId, accountId, role }) => ({ organizationId, accountId, role: role ?? null }),
  failures: ['OrganizationNotFound', 'AccountNotFound', 'LastOwner'],
  success: { description: 'The membership was changed.', fields: organizationFields },
});
