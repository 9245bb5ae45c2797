import { hash } from 'node:crypto';
import type { Caller } from '../../domain/caller.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { decideOutcome } from '../../keys/decide-outcome.ts';
import { revokeKey, type RevokeKeyInput } from '../../keys/revoke.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';

mutation('revokeKey', {
  description: 'Ends a key for good, at once. Keys that it issued keep working; the event KEY_REVOKED lists them.',
  isPublic: true,
  input: {
    description: 'Which key to end, and why.',
    fields: (t) => ({
      keyId: t.id({ description: 'The key to end. Give keyId or secret. Without both, the calling key ends.' }),
      secret: t.string({
        description: 'A secret of the key that has not retired. Its holder may end the key without signing in.',
      }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: limitAndRevoke,
  toInput: ({ keyId, secret, reason }) => ({
    keyId: keyId ?? null,
    secret: secret == null ? null : new Sensitive(secret),
    reason,
  }),
  failures: ['KeyNotFound', 'KeyNotActive'],
  success: {
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
  },
});

async function limitAndRevoke(
  services: Services,
  caller: Caller,
  input: RevokeKeyInput & IdempotentInput,
  address: string,
) {
  const secret = input.secret?.reveal();
  // Anyone can guess secrets here, so an unknown one counts against the rate limit, before anything is written.
  if (secret !== undefined && !(await isKnownSecret(services, secret))) services.rateLimits.countUnknownKey(address);
  return revokeKey(services, identifyCaller(caller, secret), input);
}

async function isKnownSecret(services: Services, text: string): Promise<boolean> {
  return (await decideOutcome(services, text, null)).found !== null;
}

/**
 * Identifies an anonymous caller by the secret that it gives, so that idempotency keys of different callers do not
 * collide.
 */
function identifyCaller(caller: Caller, secret: string | undefined): Caller {
  if (caller.kind !== 'ANONYMOUS' || secret === undefined) return caller;
  return { ...caller, credentialDigest: hash('sha256', secret, 'base64url') };
}
