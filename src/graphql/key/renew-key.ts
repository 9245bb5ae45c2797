import { badUserInput } from '../../domain/request-error.ts';
import type { RenewalMode } from '../../domain/verdict.ts';
import { renewKey } from '../../keys/renew.ts';
import { requestedLifeOf } from '../common-inputs.ts';
import { RenewalModeEnum } from '../enums.ts';
import { mutation } from '../mutation.ts';
import { secretFields } from './key-success.ts';

mutation('renewKey', {
  description:
    'Moves the expiry of a key later, never earlier. Policy may require that the renewal also replaces the secret: see accept.',
  input: {
    description: 'Which key to renew, and for how long.',
    fields: (t) => ({
      keyId: t.id({ description: 'The key to renew. Default: the calling key.' }),
      expiresAt: t.field({
        type: 'DateTime',
        description:
          'The new expiry. Give expiresAt or lifetime. Without both, the key gets the lifetime that it was last given, as far as policy allows.',
      }),
      lifetime: t.field({
        type: 'Duration',
        description: 'How long the key lives, counted from now. Instead of expiresAt.',
      }),
      accept: t.field({
        type: [RenewalModeEnum],
        defaultValue: ['EXTEND'],
        description:
          'The modes that the caller can handle. If policy requires that the secret is replaced and ROTATE is not accepted, the renewal fails with RotationRequired. [ROTATE] alone always replaces the secret.',
      }),
      gracePeriod: t.field({
        type: 'Duration',
        description: 'If the secret is replaced: how long the old one keeps working, PT0S to P30D. Default: PT24H.',
      }),
      publicKey: t.string(),
    }),
  },
  useCase: renewKey,
  toInput: (input) => ({
    keyId: input.keyId ?? null,
    ask: requestedLifeOf(input),
    accept: checkAcceptedModes(input.accept),
    gracePeriodMs: input.gracePeriod ?? null,
    publicKey: input.publicKey ?? null,
  }),
  failures: [
    'KeyNotFound',
    'KeyNotActive',
    'RenewalNotAllowed',
    'RotationRequired',
    'RotationPending',
    'ExpiryOutOfBounds',
    'GracePeriodOutOfBounds',
    'PublicKeyInvalid',
  ],
  success: {
    description: 'The renewed key, and its new secret if the secret was replaced.',
    fields: (t) => ({
      ...secretFields(t),
      previousRetiresAt: t.expose('previousRetiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the old secret stops working. Null if the secret was not replaced.',
      }),
    }),
  },
});

/** Returns the accepted modes, EXTEND by default. Throws BAD_USER_INPUT for an empty list. */
function checkAcceptedModes(accept: readonly RenewalMode[] | null | undefined): readonly RenewalMode[] {
  if (accept == null) return ['EXTEND'];
  if (accept.length === 0)
    throw badUserInput('accept: found an empty list; expected EXTEND, ROTATE or both.', ['input', 'accept']);
  return accept;
}
