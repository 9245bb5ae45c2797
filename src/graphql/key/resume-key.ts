import { resumeKey } from '../../keys/resume.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

mutation('resumeKey', {
  description: 'Lifts the holds of a key. A hold of an administrator stays unless an administrator lifts it.',
  input: {
    description: 'Which key to resume.',
    fields: (t) => ({
      keyId: t.id({ required: true, description: 'The key to resume.' }),
      reason: t.string(),
    }),
  },
  useCase: resumeKey,
  toInput: ({ keyId, reason }) => ({ keyId, reason: reason ?? null }),
  failures: ['KeyNotFound', 'KeyNotActive', 'KeyNotHeld', 'HoldNotYours'],
  success: { description: 'The key, without the holds that the caller may lift.', fields: keyFields },
});
