import { builder } from '../builder.ts';

/** Defines the success type of a mutation that changes a realm. */
export function defineRealmSuccess<Success extends { readonly realmId: string }>(
  mutation: string,
  description: string,
) {
  const ref = builder.objectRef<Success>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'realm', (t) =>
    t.prismaField({
      type: 'Realm',
      description: 'The realm after the change.',
      resolve: (query, { realmId }, _args, { services }) =>
        services.prisma.realm.findUniqueOrThrow({ ...query, where: { id: realmId } }),
    }),
  );
  return ref;
}
