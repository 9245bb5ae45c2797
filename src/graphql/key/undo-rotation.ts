import { undoRotation } from '../../keys/undo-rotation.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const UndoRotationInputRef = builder.inputType('UndoRotationInput', {
  fields: (t) => ({
    keyId: t.id({ description: 'Left out: the calling key.' }),
    idempotencyKey: t.string(),
  }),
});

const UndoRotationResult = resultType('UndoRotation', defineKeySuccess('UndoRotation', 'The key.'), [
  'KeyNotFound',
  'KeyNotActive',
  'RotationNotPending',
  'IdempotencyConflict',
]);

builder.mutationField('undoRotation', (t) =>
  t.field({
    type: UndoRotationResult,
    description:
      'Takes a pending rotation back: the old secret stays. Once the new one has been used, the two swap roles.',
    args: { input: t.arg({ type: UndoRotationInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      undoRotation(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
      }),
  }),
);
