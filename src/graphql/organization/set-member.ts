import { setMember } from '../../accounts/set-member.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineOrganizationSuccess } from './organization-success.ts';

const SetMemberInputRef = builder.inputType('SetMemberInput', {
  fields: (t) => ({
    organizationId: t.id({ required: true }),
    accountId: t.id({ required: true }),
    role: t.field({ type: RoleEnum, description: 'Null: no longer a member.' }),
    idempotencyKey: t.string(),
  }),
});

const SetMemberResult = resultType('SetMember', defineOrganizationSuccess('SetMember', 'The organization.'), [
  'OrganizationNotFound',
  'AccountNotFound',
  'LastOwner',
  'IdempotencyConflict',
]);

builder.mutationField('setMember', (t) =>
  t.field({
    type: SetMemberResult,
    description: 'Adds a member, changes its role, or removes it; never the last OWNER. Anyone may leave.',
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
