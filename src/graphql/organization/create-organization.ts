import { createOrganization } from '../../accounts/create-organization.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineOrganizationSuccess } from './organization-success.ts';

const CreateOrganizationInputRef = builder.inputType('CreateOrganizationInput', {
  fields: (t) => ({ name: t.string({ required: true }), idempotencyKey: t.string() }),
});

const CreateOrganizationResult = resultType(
  'CreateOrganization',
  defineOrganizationSuccess('CreateOrganization', 'The organization; the caller is its OWNER.'),
  ['IdempotencyConflict'],
);

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationResult,
    description: 'Makes an organization, of which the caller is the first OWNER.',
    args: { input: t.arg({ type: CreateOrganizationInputRef, required: true }) },
    resolve: (_root, { input: { name, idempotencyKey } }, { services, caller }) =>
      createOrganization(services, caller, { name, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
