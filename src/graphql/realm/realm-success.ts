import type { SuccessFields } from '../mutation.ts';

/** Builds the fields of a mutation that changes a realm: the realm after the change. */
export function realmFields<Facts extends { readonly realmId: string }>(t: SuccessFields<Facts>) {
  return {
    realm: t.prismaField({
      type: 'Realm',
      description: 'The realm after the change.',
      resolve: (query, { realmId }, _args, { services }) =>
        services.prisma.realm.findUniqueOrThrow({ ...query, where: { id: realmId } }),
    }),
  };
}
