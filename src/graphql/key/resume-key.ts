import { resumeKey } from '../../keys/resume.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineKeySuccess } from './key-success.ts';

const ResumeKeyInputRef = builder.inputType('ResumeKeyInput', {
  description: 'Which key to resume.',
  fields: (t) => ({
    keyId: t.id({ required: true, description: 'The key to resume.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const ResumeKeyResult = resultType(
  'ResumeKey',
  defineKeySuccess('ResumeKey', 'The key, without the holds that the caller may lift.'),
  ['KeyNotFound', 'KeyNotActive', 'KeyNotHeld', 'HoldNotYours', 'IdempotencyConflict'],
);

builder.mutationField('resumeKey', (t) =>
  t.field({
    type: ResumeKeyResult,
    description: 'Lifts the holds of a key. A hold of an administrator stays unless an administrator lifts it.',
    args: { input: t.arg({ type: ResumeKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      resumeKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId,
        reason: input.reason ?? null,
      }),
  }),
);
