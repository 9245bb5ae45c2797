import { findAddresslessVerifier } from '../../keys/addressless-verifiers.ts';
import type { Delivery } from '../../log/idempotency.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { SuccessFields } from '../mutation.ts';

/** Describes the input field `allowedAddresses`. */
export const allowedAddressesText =
  'The IPv4 and IPv6 addresses from which the key may be used, as addresses or CIDR ranges such as 192.0.2.0/24; at most 50. Verifiers must then send the address of their client. None: from anywhere.';

interface KeyWarning {
  readonly code: string;
  readonly message: string;
}

const KeyWarningRef = builder.objectRef<KeyWarning>('KeyWarning').implement({
  description: 'Something that the caller should know about a key after a change that succeeded.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        'For programs. VERIFIER_SENDS_NO_ADDRESS: the key has allowed addresses, but within 30 days a verifier of its realm sent no address, so that it would refuse the key.',
    }),
    message: t.exposeString('message', { description: 'For people.' }),
  }),
});

/** Builds the field with the warnings about a key after a change. */
export function warningFields<Facts extends { readonly keyId: string }>(t: SuccessFields<Facts>) {
  return {
    warnings: t.field({
      type: [KeyWarningRef],
      description: 'What the caller should know about the key. Empty: nothing.',
      resolve: ({ keyId }, _args, context) => listWarnings(context, keyId),
    }),
  };
}

async function listWarnings({ services }: Context, keyId: string): Promise<KeyWarning[]> {
  const where = { id: keyId };
  const select = { realmId: true, allowedAddresses: true };
  const { realmId, allowedAddresses } = await services.prisma.key.findUniqueOrThrow({ where, select });
  if (allowedAddresses.length === 0) return [];
  const verifier = await findAddresslessVerifier(services, realmId, services.clock.now());
  if (verifier === null) return [];
  const who = verifier.verifierId === '' ? 'a proxy' : verifier.verifierId;
  const message = `A verifier of the realm (${who}) sent no address of its client, last at ${verifier.at.toISOString()}. It is refused this key until it sends one.`;
  return [{ code: 'VERIFIER_SENDS_NO_ADDRESS', message }];
}

/** Builds the fields of a mutation that changes a key: the key after the change. */
export function keyFields<Facts extends { readonly keyId: string }>(t: SuccessFields<Facts>) {
  return {
    key: t.prismaField({
      type: 'Key',
      description: 'The key as it is after the change.',
      resolve: (query, { keyId }, _args, { services }) =>
        services.prisma.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  };
}

/** Builds the fields of a mutation that creates a secret: the key, and the secret, which is shown only here. */
export function secretFields<Facts extends { readonly keyId: string; readonly delivery?: Delivery }>(
  t: SuccessFields<Facts>,
) {
  return {
    ...keyFields(t),
    secret: t.string({
      nullable: true,
      description:
        'The new secret, or with a publicKey a compact JWE of it. Shown once, to this caller only. Null if no secret was made, or if it can no longer be shown (secretUnavailable).',
      resolve: ({ delivery }) => delivery?.text?.reveal() ?? null,
    }),
    secretUnavailable: t.boolean({
      description:
        'Whether this repeats an earlier response under the same idempotencyKey and its secret can no longer be shown: it has been used, or is more than 24 hours old.',
      resolve: ({ delivery }) => delivery !== undefined && delivery.text === null,
    }),
  };
}
