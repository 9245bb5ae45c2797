import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';

export interface CreateOrganizationInput {
  readonly name: string;
}

/** Makes an organization, of which the caller is the first OWNER. */
export const createOrganization = useCase<CreateOrganizationInput, object, { readonly organizationId: string }>({
  name: 'createOrganization',

  async authorize(_change, caller, { name }) {
    checkText('name', name, 100);
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts make organizations.');
    return {};
  },

  async run({ core, tx, tell, now }, caller, { name }) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts make organizations.');
    const at = now();
    const id = newId('organization', at, core.random);
    await tx.organization.create({
      data: {
        id,
        name,
        createdAt: at,
        memberships: { create: { accountId: caller.id, role: 'OWNER', createdAt: at } },
      },
    });
    const data = { accountId: caller.id, role: 'OWNER' };
    tell({ type: 'ORGANIZATION_CREATED', at, ownerId: id, actor: actorOf(caller), data });
    return { organizationId: id };
  },
});
