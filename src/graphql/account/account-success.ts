import type { SuccessFields } from '../mutation.ts';

/** Builds the fields of a mutation that changes an account: the account after the change. */
export function accountFields<Facts extends { readonly accountId: string }>(t: SuccessFields<Facts>) {
  return {
    account: t.prismaField({
      type: 'Account',
      description: 'The account after the change.',
      resolve: (query, { accountId }, _args, { services }) =>
        services.prisma.account.findUniqueOrThrow({ ...query, where: { id: accountId } }),
    }),
  };
}
