import { holdKey } from '../../keys/hold.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

mutation('holdKey', {
  description: 'Suspends a key at once. It is refused until resumeKey lifts the hold.',
  input: {
    description: 'Which key to suspend, and why.',
    fields: (t) => ({
      keyId: t.id({ required: true, description: 'The key to suspend.' }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: holdKey,
  toInput: (input) => input,
  failures: ['KeyNotFound', 'KeyNotActive'],
  success: { description: 'The key is held.', fields: keyFields },
});
