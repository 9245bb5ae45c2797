import { rotateKey, type KeyRotation } from '../../keys/rotate.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineSecretSuccess } from './key-success.ts';

const RotateKeyInputRef = builder.inputType('RotateKeyInput', {
  fields: (t) => ({
    keyId: t.id({ description: 'Left out: the calling key.' }),
    gracePeriod: t.field({
      type: 'Duration',
      description: 'How long the old secret stays good: PT0S to P30D; left out: PT24H.',
    }),
    publicKey: t.string(),
    idempotencyKey: t.string(),
  }),
});

const RotateKeySuccessRef = defineSecretSuccess<KeyRotation>('RotateKey', 'The key and its new secret.');

builder.objectField(RotateKeySuccessRef, 'previousRetiresAt', (t) =>
  t.expose('previousRetiresAt', { type: 'DateTime', nullable: true }),
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
      'Replaces a key’s secret; the old one stays good through the grace period, and once for longer when somebody on it is not ' +
      'known to have moved. Use without a consumer label counts as one that has not. A grace of 0, or confirmRotation, ends it now. ' +
      'Of a held key people may, with a grace of 0: it stays held.',
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
