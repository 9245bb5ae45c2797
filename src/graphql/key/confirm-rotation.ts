import { confirmRotation } from '../../keys/confirm-rotation.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const ConfirmRotationInputRef = builder.inputType('ConfirmRotationInput', {
  description: 'Whose rotation to end.',
  fields: (t) => ({
    keyId: t.id({ description: 'The key whose rotation ends. Default: the calling key.' }),
    idempotencyKey: t.string(),
  }),
});

const ConfirmRotationResult = resultType(
  'ConfirmRotation',
  defineKeySuccess('ConfirmRotation', 'The rotation is over: only the new secret works.'),
  ['KeyNotFound', 'KeyNotActive', 'RotationNotPending', 'IdempotencyConflict'],
);

builder.mutationField('confirmRotation', (t) =>
  t.field({
    type: ConfirmRotationResult,
    description:
      'Ends a pending rotation now: the old secret retires at once. The key itself needs its newest secret for this.',
    args: { input: t.arg({ type: ConfirmRotationInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      confirmRotation(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
      }),
  }),
);
