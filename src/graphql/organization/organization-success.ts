import type { SuccessFields } from '../mutation.ts';

/** Builds the fields of a mutation that changes an organization: the organization after the change. */
export function organizationFields<Facts extends { readonly organizationId: string }>(t: SuccessFields<Facts>) {
  return {
    organization: t.prismaField({
      type: 'Organization',
      description: 'The organization after the change.',
      resolve: (query, { organizationId }, _args, { services }) =>
        services.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
    }),
  };
}
