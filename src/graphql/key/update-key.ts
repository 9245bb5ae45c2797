import { updateKey } from '../../keys/update.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey, ScopeInputRef } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';
import { LabelInputRef } from './key-filter.ts';

const UpdateKeyInputRef = builder.inputType('UpdateKeyInput', {
  description: 'What to change. A field that is left out stays as it is.',
  fields: (t) => ({
    keyId: t.id({ required: true, description: 'The key to change.' }),
    name: t.string({ description: 'Name of the key for people: 1 to 100 characters.' }),
    labels: t.field({
      type: [LabelInputRef],
      description: 'All labels of the key from now on: they replace the present ones. At most 50.',
    }),
    scopes: t.field({
      type: [ScopeInputRef],
      description: 'All scopes of the key from now on: each must lie within what it has now.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'A new expiry, no later than the present one.' }),
    idempotencyKey: t.string(),
  }),
});

const UpdateKeyResult = resultType('UpdateKey', defineKeySuccess('UpdateKey', 'The key is changed.'), [
  'KeyNotFound',
  'KeyNotActive',
  'ScopeNotAllowed',
  'ExpiryOutOfBounds',
  'IdempotencyConflict',
]);

builder.mutationField('updateKey', (t) =>
  t.field({
    type: UpdateKeyResult,
    description: 'Changes the name and labels of a key, narrows its scopes, or moves its expiry earlier.',
    args: { input: t.arg({ type: UpdateKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      updateKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        name: input.name ?? null,
        labels: input.labels ?? null,
        scopes: input.scopes ?? null,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
);
