import { builder } from '../builder.ts';

/** The success of a mutation that changes a realm: the realm, as it is now. */
export function defineRealmSuccess<Answer extends { readonly realmId: string }>(mutation: string, description: string) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'realm', (t) =>
    t.prismaField({
      type: 'Realm',
      resolve: (query, { realmId }, _args, { services }) =>
        services.prisma.realm.findUniqueOrThrow({ ...query, where: { id: realmId } }),
    }),
  );
  return ref;
}
