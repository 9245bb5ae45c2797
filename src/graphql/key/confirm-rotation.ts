import { confirmRotation } from '../../keys/confirm-rotation.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

mutation('confirmRotation', {
  description:
    'Ends a pending rotation now: the old secret retires at once. The key itself needs its current secret for this.',
  input: {
    description: 'Whose rotation to end.',
    fields: (t) => ({ keyId: t.id({ description: 'The key whose rotation ends. Default: the calling key.' }) }),
  },
  useCase: confirmRotation,
  toInput: ({ keyId }) => ({ keyId: keyId ?? null }),
  failures: ['KeyNotFound', 'KeyNotActive', 'RotationNotPending'],
  success: { description: 'The rotation is over: only the new secret works.', fields: keyFields },
});
