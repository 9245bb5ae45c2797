import { holdKey } from '../../keys/hold.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const HoldKeyInputRef = builder.inputType('HoldKeyInput', {
  fields: (t) => ({
    keyId: t.id({ required: true }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const HoldKeyResult = resultType('HoldKey', defineKeySuccess('HoldKey', 'The key.'), [
  'KeyNotFound',
  'KeyNotActive',
  'IdempotencyConflict',
]);

builder.mutationField('holdKey', (t) =>
  t.field({
    type: HoldKeyResult,
    description: 'Suspends a key, at once and until it is resumed.',
    args: { input: t.arg({ type: HoldKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      holdKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        reason: input.reason,
      }),
  }),
);
