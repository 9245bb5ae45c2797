import { builder } from '../builder.ts';
import type { Delivery } from '../../log/idempotency.ts';

/** What most mutations of a key answer. */
export interface ChangedKey {
  readonly keyId: string;
}

/** What mutations answer that make a secret. */
export interface KeyWithSecret extends ChangedKey {
  readonly delivery?: Delivery;
}

/** The success of a mutation that changes a key: the key, as it is now. */
export function defineKeySuccess<Answer extends ChangedKey>(mutation: string, description: string) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'key', (t) =>
    t.prismaField({
      type: 'Key',
      resolve: (query, { keyId }, _args, { services }) =>
        services.prisma.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  );
  return ref;
}

/** The same of one that makes a secret, which is shown here and never again. */
export function defineSecretSuccess<Answer extends KeyWithSecret>(mutation: string, description: string) {
  const ref = defineKeySuccess<Answer>(mutation, description);
  builder.objectFields(ref, (t) => ({
    secret: t.string({
      nullable: true,
      description:
        'Shown to this caller, once; with a publicKey as a compact JWE. Null where none was made, and where it can’t be repeated.',
      resolve: ({ delivery }) => delivery?.text?.reveal() ?? null,
    }),
    secretUnavailable: t.boolean({
      description: 'Whether this repeats an answer whose secret has been used, or was made more than 24 hours ago.',
      resolve: ({ delivery }) => delivery !== undefined && delivery.text === null,
    }),
  }));
  return ref;
}
