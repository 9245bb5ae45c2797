import type { AccountCaller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { checkText } from '../domain/check-text.ts';

export interface CreateOrganizationInput {
  readonly name: string;
}

/** Creates an organization with the caller as its first OWNER. */
export const createOrganization = useCase<
  CreateOrganizationInput,
  { readonly founder: AccountCaller },
  { readonly organizationId: string }
>()({
  name: 'createOrganization',

  async authorize(_change, caller, { name }) {
    checkText('name', name, 100);
    if (caller.kind !== 'ACCOUNT' || !may(caller, 'organization.create', {}))
      throw forbidden('Only accounts can create organizations.');
    return { founder: caller };
  },

  async run({ core, tx, record, now }, _caller, { name }, { founder }) {
    const at = now();
    const id = newId('organization', at, core.random);
    await tx.organization.create({
      data: {
        id,
        name,
        createdAt: at,
        memberships: { create: { accountId: founder.id, role: 'OWNER', createdAt: at } },
      },
    });
    const data = { accountId: founder.id, role: 'OWNER' as const };
    record({ type: 'ORGANIZATION_CREATED', at, ownerId: id, actor: actorOf(founder), data });
    return { organizationId: id };
  },
});
