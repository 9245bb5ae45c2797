import { transferKey } from '../../keys/transfer.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const TransferKeyInputRef = builder.inputType('TransferKeyInput', {
  description: 'Which key to give to whom.',
  fields: (t) => ({
    keyId: t.id({ required: true, description: 'The key to transfer.' }),
    owner: t.id({ required: true, description: 'Id of the account or organization that owns the key from now on.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const TransferKeyResult = resultType('TransferKey', defineKeySuccess('TransferKey', 'The key, with its new owner.'), [
  'KeyNotFound',
  'KeyNotActive',
  'OwnerNotFound',
  'OwnerNotActive',
  'ScopeNotAllowed',
  'IdempotencyConflict',
]);

builder.mutationField('transferKey', (t) =>
  t.field({
    type: TransferKeyResult,
    description:
      'Gives a key to another owner, for whom the caller may issue such keys. The key keeps working with the same secret.',
    args: { input: t.arg({ type: TransferKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      transferKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        owner: input.owner,
        reason: input.reason ?? null,
      }),
  }),
);
