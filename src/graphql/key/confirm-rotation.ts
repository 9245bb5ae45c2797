import { confirmRotation } from '../../keys/confirm-rotation.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const ConfirmRotationInputRef = builder.inputType('ConfirmRotationInput', {
  fields: (t) => ({
    keyId: t.id({ description: 'Left out: the calling key.' }),
    idempotencyKey: t.string(),
  }),
});

const ConfirmRotationResult = resultType(
  'ConfirmRotation',
  defineKeySuccess('ConfirmRotation', 'The key, with one secret.'),
  ['KeyNotFound', 'KeyNotActive', 'RotationNotPending', 'IdempotencyConflict'],
);

builder.mutationField('confirmRotation', (t) =>
  t.field({
    type: ConfirmRotationResult,
    description: 'Retires the old secret of a pending rotation now.',
    args: { input: t.arg({ type: ConfirmRotationInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      confirmRotation(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
      }),
  }),
);
