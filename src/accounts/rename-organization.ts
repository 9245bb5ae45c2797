import type { Caller } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { describeWhoMay, may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { recheckAccount } from './account-caller.ts';

export interface RenameOrganizationInput {
  readonly organizationId: string;
  readonly name: string;
}

/** Gives an organization another name. Its keys, members and ids stay. Without a difference it records nothing. */
export const renameOrganization = useCase<
  RenameOrganizationInput,
  { readonly name: string },
  { readonly organizationId: string }
>()({
  name: 'renameOrganization',

  async authorize({ tx }, authenticated, { organizationId, name }) {
    checkText('name', name, 100);
    const target = { ownerId: organizationId };
    const [organization] = await tx.$queryRaw<{ name: string }[]>`
      SELECT name FROM "Organization" WHERE id = ${organizationId} FOR NO KEY UPDATE`;
    const caller: Caller = await recheckAccount(tx, authenticated);
    if (organization === undefined || !may(caller, 'organization.read', target)) {
      return fail('OrganizationNotFound', 'No organization that you can see has this id.', {
        path: ['input', 'organizationId'],
      });
    }
    if (!may(caller, 'organization.manage', target)) {
      throw forbidden(`You may not rename this organization. Ask ${describeWhoMay('organization.manage')}.`);
    }
    return organization;
  },

  async run({ tx, record, now }, caller, { organizationId, name }, before) {
    if (before.name === name) return { organizationId };
    await tx.organization.update({ where: { id: organizationId }, data: { name } });
    record({
      type: 'ORGANIZATION_RENAMED',
      at: now(),
      ownerId: organizationId,
      actor: actorOf(caller),
      data: { before: { name: before.name }, after: { name } },
    });
    return { organizationId };
  },
});
