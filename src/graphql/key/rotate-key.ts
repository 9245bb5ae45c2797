import { rotateKey, type KeyRotation } from '../../keys/rotate.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineSecretSuccess } from './key-success.ts';

const RotateKeyInputRef = builder.inputType('RotateKeyInput', {
  description: 'Whose secret to replace.',
  fields: (t) => ({
    keyId: t.id({ description: 'The key to rotate. Default: the calling key.' }),
    gracePeriod: t.field({
      type: 'Duration',
      description: 'How long the old secret keeps working: PT0S to P30D. Default: PT24H.',
    }),
    publicKey: t.string(),
    idempotencyKey: t.string(),
  }),
});

const RotateKeySuccessRef = defineSecretSuccess<KeyRotation>('RotateKey', 'The key and its new secret.');

builder.objectField(RotateKeySuccessRef, 'previousRetiresAt', (t) =>
  t.expose('previousRetiresAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the old secret stops working, unless its grace period is extended.',
  }),
);

const RotateKeyResult = resultType('RotateKey', RotateKeySuccessRef, [
  'KeyNotFound',
  'KeyNotActive',
  'RotationPending',
  'GracePeriodOutOfBounds',
  'PublicKeyInvalid',
  'IdempotencyConflict',
]);

builder.mutationField('rotateKey', (t) =>
  t.field({
    type: RotateKeyResult,
    description:
      'Replaces the secret of a key. The old secret works to the end of its grace period, which is extended once if a consumer ' +
      'is not known to use the new secret; use without a consumer label counts as such. With a grace period of PT0S, or ' +
      'confirmRotation, the old secret retires at once. A held key can be rotated only by a signed-in person and only with ' +
      'PT0S; it stays held.',
    args: { input: t.arg({ type: RotateKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      rotateKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
        gracePeriodMs: input.gracePeriod ?? null,
        publicKey: input.publicKey ?? null,
      }),
  }),
);
