import { updateKey } from '../../keys/update.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey, ScopeInputRef } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';
import { LabelInputRef } from './key-filter.ts';

const UpdateKeyInputRef = builder.inputType('UpdateKeyInput', {
  fields: (t) => ({
    keyId: t.id({ required: true }),
    name: t.string(),
    labels: t.field({ type: [LabelInputRef], description: 'All labels that it is to have.' }),
    scopes: t.field({ type: [ScopeInputRef], description: 'Fewer or narrower ones than it has.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Earlier than it is.' }),
    idempotencyKey: t.string(),
  }),
});

const UpdateKeyResult = resultType('UpdateKey', defineKeySuccess('UpdateKey', 'The key.'), [
  'KeyNotFound',
  'KeyNotActive',
  'ScopeNotAllowed',
  'ExpiryOutOfBounds',
  'IdempotencyConflict',
]);

builder.mutationField('updateKey', (t) =>
  t.field({
    type: UpdateKeyResult,
    description: 'Changes a key’s name and labels, narrows its scopes, or brings its expiry nearer.',
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
