import { badUserInput } from '../../domain/request-error.ts';
import type { RenewalMode } from '../../domain/verdict.ts';
import { renewKey, type KeyRenewed } from '../../keys/renew.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum } from '../enums.ts';
import { resultType } from '../failures.ts';
import { askOf, repeatable } from '../input.ts';
import { keyWithSecret } from './changed-key.ts';

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

const RenewKeySuccessRef = keyWithSecret<KeyRenewed>('RenewKey', 'The renewed key; by ROTATE its new secret too.');

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
        ...repeatable(input.idempotencyKey),
        keyId: input.keyId ?? null,
        ask: askOf(input),
        accept: acceptedModes(input.accept),
        gracePeriodMs: input.gracePeriod ?? null,
        publicKey: input.publicKey ?? null,
      }),
  }),
);

/** What a caller can carry out; one that can carry out nothing has nothing to ask for. */
function acceptedModes(accept: readonly RenewalMode[] | null | undefined): readonly RenewalMode[] {
  if (accept == null) return ['EXTEND'];
  if (accept.length === 0)
    throw badUserInput('accept: found no mode; name EXTEND, ROTATE or both.', ['input', 'accept']);
  return accept;
}
