import { transferKey } from '../../keys/transfer.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

mutation('transferKey', {
  description:
    'Gives a key to another owner, for whom the caller may issue such keys. The key keeps working with the same secret.',
  input: {
    description: 'Which key to give to whom.',
    fields: (t) => ({
      keyId: t.id({ required: true, description: 'The key to transfer.' }),
      owner: t.id({
        required: true,
        description:
          'Id of the account, organization or subject that owns the key from now on. Only administrators transfer to and from subjects.',
      }),
      reason: t.string(),
    }),
  },
  useCase: transferKey,
  toInput: ({ keyId, owner, reason }) => ({ keyId, owner, reason: reason ?? null }),
  failures: ['KeyNotFound', 'KeyNotActive', 'OwnerNotFound', 'OwnerNotActive', 'ScopeNotAllowed'],
  success: { description: 'The key, with its new owner.', fields: keyFields },
});
