import { resumeKey } from '../../keys/resume.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const ResumeKeyInputRef = builder.inputType('ResumeKeyInput', {
  fields: (t) => ({
    keyId: t.id({ required: true }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const ResumeKeyResult = resultType('ResumeKey', defineKeySuccess('ResumeKey', 'The key.'), [
  'KeyNotFound',
  'KeyNotActive',
  'KeyNotHeld',
  'HoldNotYours',
  'IdempotencyConflict',
]);

builder.mutationField('resumeKey', (t) =>
  t.field({
    type: ResumeKeyResult,
    description: 'Lifts a key’s holds, but for an administrator’s, which only administrators lift.',
    args: { input: t.arg({ type: ResumeKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      resumeKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        reason: input.reason ?? null,
      }),
  }),
);
