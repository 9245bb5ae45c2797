import { undoRotation } from '../../keys/undo-rotation.ts';
import { mutation } from '../mutation.ts';
import { keyFields } from './key-success.ts';

mutation('undoRotation', {
  description:
    'Undoes a pending rotation: the old secret stays, and the new secret retires at once. If the new secret has been used, it retires after a grace period as long as that of the rotation instead.',
  input: {
    description: 'Whose rotation to undo.',
    fields: (t) => ({ keyId: t.id({ description: 'The key whose rotation is undone. Default: the calling key.' }) }),
  },
  useCase: undoRotation,
  toInput: ({ keyId }) => ({ keyId: keyId ?? null }),
  failures: ['KeyNotFound', 'KeyNotActive', 'RotationNotPending'],
  success: { description: 'The key, with its old secret as the current one.', fields: keyFields },
});
