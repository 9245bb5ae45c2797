import { rotateKey } from '../../keys/rotate.ts';
import { mutation } from '../mutation.ts';
import { secretFields } from './key-success.ts';

mutation('rotateKey', {
  description:
    'Replaces the secret of a key. The old secret works to the end of its grace period. The grace period is extended once ' +
    'if a consumer is not known to use the new secret, or if the old secret was used without a consumer label. With a ' +
    'grace period of PT0S, or after confirmRotation, the old secret retires at once. A held key can be rotated only by a ' +
    'signed-in person and only with PT0S; it stays held.',
  input: {
    description: 'Whose secret to replace.',
    fields: (t) => ({
      keyId: t.id({ description: 'The key to rotate. Default: the calling key.' }),
      gracePeriod: t.field({
        type: 'Duration',
        description: 'How long the old secret keeps working: PT0S to P30D. Default: PT24H.',
      }),
      publicKey: t.string(),
    }),
  },
  useCase: rotateKey,
  toInput: ({ keyId, gracePeriod, publicKey }) => ({
    keyId: keyId ?? null,
    gracePeriodMs: gracePeriod ?? null,
    publicKey: publicKey ?? null,
  }),
  failures: ['KeyNotFound', 'KeyNotActive', 'RotationPending', 'GracePeriodOutOfBounds', 'PublicKeyInvalid'],
  success: {
    description: 'The key and its new secret.',
    fields: (t) => ({
      ...secretFields(t),
      previousRetiresAt: t.expose('previousRetiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the old secret stops working, unless its grace period is extended.',
      }),
    }),
  },
});
