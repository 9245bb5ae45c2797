import { createOrganization } from '../../accounts/create-organization.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineOrganizationSuccess } from './organization-success.ts';

const CreateOrganizationInputRef = builder.inputType('CreateOrganizationInput', {
  description: 'The organization to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The organization’s name, for people: 1 to 100 characters. It need not be unique.',
    }),
    idempotencyKey: t.string(),
  }),
});

const CreateOrganizationResult = resultType(
  'CreateOrganization',
  defineOrganizationSuccess('CreateOrganization', 'The organization was created. The caller is its OWNER.'),
  ['IdempotencyConflict'],
);

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationResult,
    description: 'Creates an organization. The caller becomes its first OWNER. For signed-in accounts.',
    args: { input: t.arg({ type: CreateOrganizationInputRef, required: true }) },
    resolve: (_root, { input: { name, idempotencyKey } }, { services, caller }) =>
      createOrganization(services, caller, { name, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
