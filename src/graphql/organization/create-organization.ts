import { createOrganization } from '../../accounts/create-organization.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { repeatable } from '../input.ts';
import { changedOrganization } from './changed-organization.ts';

const CreateOrganizationInputRef = builder.inputType('CreateOrganizationInput', {
  fields: (t) => ({ name: t.string({ required: true }), idempotencyKey: t.string() }),
});

const CreateOrganizationResult = resultType(
  'CreateOrganization',
  changedOrganization('CreateOrganization', 'The organization; the caller is its OWNER.'),
  ['IdempotencyConflict'],
);

builder.mutationField('createOrganization', (t) =>
  t.field({
    type: CreateOrganizationResult,
    description: 'Makes an organization, of which the caller is the first OWNER.',
    args: { input: t.arg({ type: CreateOrganizationInputRef, required: true }) },
    resolve: (_root, { input: { name, idempotencyKey } }, { services, caller }) =>
      createOrganization(services, caller, { name, ...repeatable(idempotencyKey) }),
  }),
);
