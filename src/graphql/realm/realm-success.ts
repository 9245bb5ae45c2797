import { ceilingWarnings } from '../../domain/ceiling.ts';
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

/** Builds the fields of a mutation that changes the settings of a realm. */
export function realmSettingsFields<Facts extends { readonly realmId: string }>(t: SuccessFields<Facts>) {
  return {
    ...realmFields(t),
    warnings: t.stringList({
      description: 'What the settings leave open, for people: roles without a ceiling while others have one.',
      resolve: async ({ realmId }, _args, { services }) =>
        ceilingWarnings(await services.prisma.ceiling.findMany({ where: { realmId }, select: { role: true } })),
    }),
  };
}
