import { builder } from '../builder.ts';

/** The success of a mutation that changes an account: the account, as it is now. */
export function defineAccountSuccess<Answer extends { readonly accountId: string }>(
  mutation: string,
  description: string,
) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'account', (t) =>
    t.prismaField({
      type: 'Account',
      resolve: (query, { accountId }, _args, { services }) =>
        services.prisma.account.findUniqueOrThrow({ ...query, where: { id: accountId } }),
    }),
  );
  return ref;
}
