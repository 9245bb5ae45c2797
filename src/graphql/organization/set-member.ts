import { setMember } from '../../accounts/set-member.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineOrganizationSuccess } from './organization-success.ts';

const SetMemberInputRef = builder.inputType('SetMemberInput', {
  description: 'Which account gets which role in which organization.',
  fields: (t) => ({
    organizationId: t.id({ required: true, description: 'The organization to change.' }),
    accountId: t.id({ required: true, description: 'The account to add, change or remove.' }),
    role: t.field({
      type: RoleEnum,
      description: 'The account’s new role. Null or omitted: the account is removed from the organization.',
    }),
    idempotencyKey: t.string(),
  }),
});

const SetMemberResult = resultType('SetMember', defineOrganizationSuccess('SetMember', 'The membership was changed.'), [
  'OrganizationNotFound',
  'AccountNotFound',
  'LastOwner',
  'IdempotencyConflict',
]);

builder.mutationField('setMember', (t) =>
  t.field({
    type: SetMemberResult,
    description:
      'Adds an account to an organization, changes its role, or removes it. For OWNERs, ADMINs and administrators; an ADMIN may neither make nor change an OWNER. Every member may remove itself. The last OWNER can be neither removed nor given another role.',
    args: { input: t.arg({ type: SetMemberInputRef, required: true }) },
    resolve: (_root, { input: { organizationId, accountId, role, idempotencyKey } }, { services, caller }) =>
      setMember(services, caller, {
        organizationId,
        accountId,
        role: role ?? null,
        ...checkIdempotencyKey(idempotencyKey),
      }),
  }),
);
