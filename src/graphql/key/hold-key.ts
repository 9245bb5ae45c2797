import { holdKey } from '../../keys/hold.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { repeatable } from '../input.ts';
import { changedKey } from './changed-key.ts';

const HoldKeyInputRef = builder.inputType('HoldKeyInput', {
  fields: (t) => ({
    keyId: t.id({ required: true }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const HoldKeyResult = resultType('HoldKey', changedKey('HoldKey', 'The key.'), [
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
        ...repeatable(input.idempotencyKey),
        keyId: input.keyId,
        reason: input.reason,
      }),
  }),
);
