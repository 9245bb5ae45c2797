import { builder } from '../builder.ts';

/** Defines the success type of a mutation that changes an account. */
export function defineAccountSuccess<Success extends { readonly accountId: string }>(
  mutation: string,
  description: string,
) {
  const ref = builder.objectRef<Success>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'account', (t) =>
    t.prismaField({
      type: 'Account',
      description: 'The account after the change.',
      resolve: (query, { accountId }, _args, { services }) =>
        services.prisma.account.findUniqueOrThrow({ ...query, where: { id: accountId } }),
    }),
  );
  return ref;
}
