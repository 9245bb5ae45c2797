import { createOrganization } from '../../accounts/create-organization.ts';
import { renameOrganization } from '../../accounts/rename-organization.ts';
import { setMember } from '../../accounts/set-member.ts';
import { RoleEnum } from '../enums.ts';
import { mutation, type SuccessFields } from '../mutation.ts';

mutation('createOrganization', {
  description: 'Creates an organization. The caller becomes its first OWNER. For signed-in accounts.',
  input: {
    description: 'The organization to create.',
    fields: (t) => ({
      name: t.string({
        required: true,
        description: 'The organization’s name, for people: 1 to 100 characters. It need not be unique.',
      }),
    }),
  },
  useCase: createOrganization,
  toInput: (input) => input,
  failures: [],
  success: {
    description: 'The organization was created. The caller is its OWNER.',
    fields: organizationFields,
  },
});

mutation('renameOrganization', {
  description:
    'Gives an organization another name. Its members, keys and id stay. For OWNERs, ADMINs and administrators.',
  input: {
    description: 'Which organization gets which name.',
    fields: (t) => ({
      organizationId: t.id({ required: true, description: 'The organization to rename.' }),
      name: t.string({
        required: true,
        description: 'The organization’s new name, for people: 1 to 100 characters. It need not be unique.',
      }),
    }),
  },
  useCase: renameOrganization,
  toInput: ({ organizationId, name }) => ({ organizationId, name }),
  failures: ['OrganizationNotFound'],
  success: { description: 'The organization has the name.', fields: organizationFields },
});

mutation('setMember', {
  description:
    'Invites an account to an organization, changes the role of a member, or removes it. To accept, the invited account sends setMember with its own id and the role of the invitation within 7 days. To decline, it sends setMember with its own id and no role. Administrators add an account at once. For OWNERs, ADMINs and administrators; an ADMIN may neither make nor change an OWNER. Every member may remove itself. The last OWNER can be neither removed nor given another role.',
  input: {
    description: 'Which account gets which role in which organization.',
    fields: (t) => ({
      organizationId: t.id({ required: true, description: 'The organization to change.' }),
      accountId: t.id({
        required: true,
        description: 'The account to invite, change or remove; the caller itself to accept an invitation.',
      }),
      role: t.field({
        type: RoleEnum,
        description:
          'The account’s new role. Null or omitted: the account is removed from the organization, or its invitation is withdrawn or declined.',
      }),
    }),
  },
  useCase: setMember,
  toInput: ({ organizationId, accountId, role }) => ({ organizationId, accountId, role: role ?? null }),
  failures: ['OrganizationNotFound', 'AccountNotFound', 'LastOwner'],
  success: {
    description: 'The membership was changed, or the account was invited.',
    fields: (t) => ({
      ...organizationFields(t),
      isInvited: t.boolean({
        description:
          'Whether the account was invited, so that it becomes a member only when it accepts. Also true for an id that no account has.',
        resolve: ({ isInvited }) => isInvited === true,
      }),
    }),
  },
});

/** Builds the fields of a mutation that changes an organization: the organization after the change. */
function organizationFields<Facts extends { readonly organizationId: string }>(t: SuccessFields<Facts>) {
  return {
    organization: t.prismaField({
      type: 'Organization',
      description: 'The organization after the change.',
      resolve: (query, { organizationId }, _args, { services }) =>
        services.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
    }),
  };
}
