import { updateKey } from '../../keys/update.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { mutation } from '../mutation.ts';
import { LabelInputRef } from './key-filter.ts';
import { keyFields } from './key-success.ts';

mutation('updateKey', {
  description: 'Changes the name and labels of a key, narrows its scopes, or moves its expiry earlier.',
  input: {
    description: 'What to change. A field that is left out stays as it is.',
    fields: (t) => ({
      keyId: t.id({ required: true, description: 'The key to change.' }),
      name: t.string({ description: 'Name of the key for people: 1 to 100 characters.' }),
      labels: t.field({
        type: [LabelInputRef],
        description: 'All labels of the key from now on: they replace the present ones. At most 50.',
      }),
      scopes: t.field({
        type: [ScopeInputRef],
        description: 'All scopes of the key from now on: each must lie within what it has now.',
      }),
      expiresAt: t.field({ type: 'DateTime', description: 'A new expiry, no later than the present one.' }),
    }),
  },
  useCase: updateKey,
  toInput: ({ keyId, name, labels, scopes, expiresAt }) => ({
    keyId,
    name: name ?? null,
    labels: labels ?? null,
    scopes: scopes ?? null,
    expiresAt: expiresAt ?? null,
  }),
  failures: ['KeyNotFound', 'KeyNotActive', 'ScopeNotAllowed', 'ExpiryOutOfBounds'],
  success: { description: 'The key is changed.', fields: keyFields },
});
