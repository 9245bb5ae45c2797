import { inviteAccount, type InviteAccountResult } from '../../accounts/invite.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';

const InviteAccountInputRef = builder.inputType('InviteAccountInput', {
  description: 'Whom to invite, and what the new account may do.',
  fields: (t) => ({
    email: t.string({
      required: true,
      description: 'The address of the new account: at most 254 characters, stored in lower case.',
    }),
    administrator: t.boolean({
      defaultValue: false,
      description:
        'Whether the new account administers the gateway: all realms, accounts and keys. Administrators only.',
    }),
    organization: t.id({
      description:
        'The organization that the new account joins. Give role with it. If left out, the account joins none; only administrators may do so.',
    }),
    role: t.field({
      type: RoleEnum,
      description:
        'The new account’s role in organization. Give both or neither. Only an OWNER or an administrator may give OWNER.',
    }),
    idempotencyKey: t.string(),
  }),
});

const InviteAccountSuccessRef = builder.objectRef<InviteAccountResult>('InviteAccountSuccess').implement({
  description: 'The invitation. The gateway mails nothing: hand the token to the invited person yourself.',
  fields: (t) => ({
    token: t.string({
      nullable: true,
      description:
        'The token for acceptInvitation. Null if this repeats an earlier request whose token can no longer be shown.',
      resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the invitation expires: 7 days after it was made.',
    }),
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
    description:
      'Creates an invitation: a one-time token with which another person creates an account. OWNERs and ADMINs may invite to their organization, administrators also without one.',
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
