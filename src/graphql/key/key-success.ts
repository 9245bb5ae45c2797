import { builder } from '../builder.ts';
import type { Delivery } from '../../log/idempotency.ts';

/** The success of a mutation of a key. */
export interface ChangedKey {
  readonly keyId: string;
}

/** The success of a mutation that makes a secret. */
export interface KeyWithSecret extends ChangedKey {
  readonly delivery?: Delivery;
}

/** Defines the success type of a mutation that changes a key: the key after the change. */
export function defineKeySuccess<Answer extends ChangedKey>(mutation: string, description: string) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'key', (t) =>
    t.prismaField({
      type: 'Key',
      description: 'The key as it is after the change.',
      resolve: (query, { keyId }, _args, { services }) =>
        services.prisma.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  );
  return ref;
}

/** Defines the success type of a mutation that makes a secret: the key, and the secret, which is shown only here. */
export function defineSecretSuccess<Answer extends KeyWithSecret>(mutation: string, description: string) {
  const ref = defineKeySuccess<Answer>(mutation, description);
  builder.objectFields(ref, (t) => ({
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
  }));
  return ref;
}
