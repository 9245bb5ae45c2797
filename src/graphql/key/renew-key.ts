import { badUserInput } from '../../domain/request-error.ts';
import type { RenewalMode } from '../../domain/verdict.ts';
import { renewKey, type KeyRenewal } from '../../keys/renew.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { requestedLifeOf, checkIdempotencyKey } from '../common-inputs.ts';
import { defineSecretSuccess } from './key-success.ts';

const RenewKeyInputRef = builder.inputType('RenewKeyInput', {
  fields: (t) => ({
    keyId: t.id({ description: 'Left out: the calling key.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'At most one of expiresAt and lifetime; neither: as it was given last.',
    }),
    lifetime: t.field({ type: 'Duration' }),
    accept: t.field({
      type: [RenewalModeEnum],
      defaultValue: ['EXTEND'],
      description: 'What the caller can carry out.',
    }),
    gracePeriod: t.field({ type: 'Duration', description: 'By ROTATE: how long the old secret stays good.' }),
    publicKey: t.string(),
    idempotencyKey: t.string(),
  }),
});

const RenewKeySuccessRef = defineSecretSuccess<KeyRenewal>(
  'RenewKey',
  'The renewed key; by ROTATE its new secret too.',
);

builder.objectField(RenewKeySuccessRef, 'previousRetiresAt', (t) =>
  t.expose('previousRetiresAt', { type: 'DateTime', nullable: true }),
);

const RenewKeyResult = resultType('RenewKey', RenewKeySuccessRef, [
  'KeyNotFound',
  'KeyNotActive',
  'RenewalNotAllowed',
  'RotationRequired',
  'RotationPending',
  'ExpiryOutOfBounds',
  'GracePeriodOutOfBounds',
  'PublicKeyInvalid',
  'IdempotencyConflict',
]);

builder.mutationField('renewKey', (t) =>
  t.field({
    type: RenewKeyResult,
    description: 'Moves a key’s expiry out, never in.',
    args: { input: t.arg({ type: RenewKeyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      renewKey(services, caller, {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
        ask: requestedLifeOf(input),
        accept: checkAcceptedModes(input.accept),
        gracePeriodMs: input.gracePeriod ?? null,
        publicKey: input.publicKey ?? null,
      }),
  }),
);

/** What a caller can carry out; one that can carry out nothing has nothing to ask for. */
function checkAcceptedModes(accept: readonly RenewalMode[] | null | undefined): readonly RenewalMode[] {
  if (accept == null) return ['EXTEND'];
  if (accept.length === 0)
    throw badUserInput('accept: found no mode; name EXTEND, ROTATE or both.', ['input', 'accept']);
  return accept;
}
