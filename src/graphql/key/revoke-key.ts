import { hash } from 'node:crypto';
import type { Caller } from '../../domain/caller.ts';
import { parseSecret } from '../../domain/secret.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { findBySecret } from '../../keys/find-by-secret.ts';
import { revokeKey } from '../../keys/revoke.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { builder } from '../builder.ts';
import type { Services } from '../context.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';

const RevokeKeyInputRef = builder.inputType('RevokeKeyInput', {
  description: 'Which key to end, and why.',
  fields: (t) => ({
    keyId: t.id({ description: 'The key to end. Give keyId or secret; neither: the calling key.' }),
    secret: t.string({
      description: 'A secret of the key that has not retired. Its holder may end the key without signing in.',
    }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const RevokeKeySuccessRef = builder.objectRef<{ keyId: string }>('RevokeKeySuccess').implement({
  description: 'The key has ended.',
  fields: (t) => ({
    key: t.prismaField({
      type: 'Key',
      nullable: true,
      description: 'The key as it is after the change. Null if the caller may not see it and ended it by its secret.',
      resolve: (query, { keyId }, _args, { services, caller }) =>
        services.prisma.key.findUnique({ ...query, where: { id: keyId, AND: [visibleKeys(caller)] } }),
    }),
  }),
});

const RevokeKeyResult = resultType('RevokeKey', RevokeKeySuccessRef, [
  'KeyNotFound',
  'KeyNotActive',
  'IdempotencyConflict',
]);

builder.mutationField('revokeKey', (t) =>
  t.field({
    type: RevokeKeyResult,
    description: 'Ends a key for good, at once. Keys that it issued keep working; the event KEY_REVOKED lists them.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: RevokeKeyInputRef, required: true }) },
    resolve: async (_root, { input }, { services, caller, address }) => {
      // Anyone can guess secrets here, so an unknown one counts against the rate limit, before anything is written.
      if (input.secret != null && !(await isKnownSecret(services, input.secret))) {
        services.rateLimits.countUnknownKey(address);
      }
      return revokeKey(services, identifyCaller(caller, input.secret), {
        ...checkIdempotencyKey(input.idempotencyKey),
        keyId: input.keyId ?? null,
        secret: input.secret == null ? null : new Sensitive(input.secret),
        reason: input.reason,
      });
    },
  }),
);

async function isKnownSecret(services: Services, text: string): Promise<boolean> {
  const secret = parseSecret(text);
  return secret !== null && (await findBySecret(services, secret)) !== null;
}

/**
 * Identifies an anonymous caller by the secret that it gives, so that idempotency keys of different callers do not
 * collide.
 */
function identifyCaller(caller: Caller, secret: string | null | undefined): Caller {
  if (caller.kind !== 'ANONYMOUS' || secret == null) return caller;
  return { ...caller, credentialDigest: hash('sha256', secret, 'base64url') };
}
