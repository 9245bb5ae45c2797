import { builder } from '../builder.ts';

/** The success of a mutation that changes an organization: the organization, as it is now. */
export function defineOrganizationSuccess<Answer extends { readonly organizationId: string }>(
  mutation: string,
  description: string,
) {
  const ref = builder.objectRef<Answer>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'organization', (t) =>
    t.prismaField({
      type: 'Organization',
      resolve: (query, { organizationId }, _args, { services }) =>
        services.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
    }),
  );
  return ref;
}
