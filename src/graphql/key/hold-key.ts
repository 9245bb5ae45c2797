import { holdKey } from '../../keys/hold.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const HoldKeyInputRef = builder.inputType('HoldKeyInput', {
  description: 'Which key to suspend, and why.',
  fields: (t) => ({
    keyId: t.id({ required: true, description: 'The key to suspend.' }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const HoldKeyResult = resultType('HoldKey', defineKeySuccess('HoldKey', 'The key is held.'), [
  'KeyNotFound',
  'KeyNotActive',
  'IdempotencyConflict',
]);

builder.mutationField('holdKey', (t) =>
  t.field({
    type: HoldKeyResult,
    description: 'Suspends a key at once. It is refused until resumeKey lifts the hold.',
    args: { input: t.arg({ type: HoldKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      holdKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        reason: input.reason,
      }),
  }),
);
