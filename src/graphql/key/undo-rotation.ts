import { undoRotation } from '../../keys/undo-rotation.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const UndoRotationInputRef = builder.inputType('UndoRotationInput', {
  description: 'Whose rotation to undo.',
  fields: (t) => ({
    keyId: t.id({ description: 'The key whose rotation is undone. Default: the calling key.' }),
    idempotencyKey: t.string(),
  }),
});

const UndoRotationResult = resultType(
  'UndoRotation',
  defineKeySuccess('UndoRotation', 'The key, with its old secret as the current one.'),
  ['KeyNotFound', 'KeyNotActive', 'RotationNotPending', 'IdempotencyConflict'],
);

builder.mutationField('undoRotation', (t) =>
  t.field({
    type: UndoRotationResult,
    description:
      'Undoes a pending rotation: the old secret stays, and the new one retires at once. If the new one has been used, it retires after the same grace period instead.',
    args: { input: t.arg({ type: UndoRotationInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      undoRotation(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
      }),
  }),
);
