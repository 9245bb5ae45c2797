import { inviteAccount, type InviteAccountResult } from '../../accounts/invite.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';

const InviteAccountInputRef = builder.inputType('InviteAccountInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    administrator: t.boolean({ defaultValue: false, description: 'Whether it may do everything in every realm.' }),
    organization: t.id({ description: 'The organization that it will belong to; with role.' }),
    role: t.field({ type: RoleEnum }),
    idempotencyKey: t.string(),
  }),
});

const InviteAccountSuccessRef = builder.objectRef<InviteAccountResult>('InviteAccountSuccess').implement({
  description: 'An invitation. Its token works once; hand it over yourself.',
  fields: (t) => ({
    token: t.string({
      nullable: true,
      description: 'For acceptInvitation. Shown once; null where it can’t be repeated.',
      resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

const InviteAccountResult = resultType('InviteAccount', InviteAccountSuccessRef, [
  'OrganizationNotFound',
  'EmailTaken',
  'IdempotencyConflict',
]);

builder.mutationField('inviteAccount', (t) =>
  t.field({
    type: InviteAccountResult,
    description: 'Makes a one-time token, with which its receiver becomes an account.',
    args: { input: t.arg({ type: InviteAccountInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      inviteAccount(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        email: input.email,
        isAdministrator: input.administrator ?? false,
        organizationId: input.organization ?? null,
        role: input.role ?? null,
      }),
  }),
);
