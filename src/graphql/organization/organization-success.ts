import { builder } from '../builder.ts';

/** Defines the success type of a mutation that changes an organization. */
export function defineOrganizationSuccess<Success extends { readonly organizationId: string }>(
  mutation: string,
  description: string,
) {
  const ref = builder.objectRef<Success>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'organization', (t) =>
    t.prismaField({
      type: 'Organization',
      description: 'The organization after the change.',
      resolve: (query, { organizationId }, _args, { services }) =>
        services.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
    }),
  );
  return ref;
}
