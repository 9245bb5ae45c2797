import { createOrganization } from '../../accounts/create-organization.ts';
import { mutation } from '../mutation.ts';
import { organizationFields } from './organization-success.ts';

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
