import type { Delivery } from '../../log/idempotency.ts';
import type { SuccessFields } from '../mutation.ts';

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
