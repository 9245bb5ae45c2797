import type { InviteChoicesQuery } from '../../api/operations.ts';
import type { ManagedOrganization } from '../../parts/invite-dialog.tsx';

/** Returns the organizations that the person at the page manages. Undefined: they are not known yet. */
export function managedOf(
  choices: InviteChoicesQuery | null | undefined,
  isAdministrator: boolean,
): readonly ManagedOrganization[] {
  const all = choices?.organizations.edges.map(({ node }) => node) ?? [];
  if (isAdministrator) return all;
  const { memberships = [] } =
    choices !== null && choices !== undefined && 'memberships' in choices.viewer ? choices.viewer : {};
  const managed = new Set(
    memberships.filter(({ role }) => role !== 'MEMBER').map(({ organization }) => organization.id),
  );
  return all.filter(({ id }) => managed.has(id));
}
