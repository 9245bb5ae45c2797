import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Account, Organization, Subject } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { kindOf } from '../../domain/id.ts';
import { isSubjectId } from '../../domain/subject.ts';
import { visibleSubjects } from '../../subjects/visible-subjects.ts';
import type { Context } from '../context.ts';

/**
 * Loads the owner that an event concerns, together with everything that the operation selects of it. Returns null
 * if there is no owner or the caller may not see the owner. The selection is loaded here, because a later load of a
 * single relation goes through the node's own filter, and a key may not see its owner as a node.
 */
export async function loadVisibleOwner(
  ownerId: string | null,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Account | Organization | Subject | null> {
  if (ownerId === null) return null;
  if (isSubjectId(ownerId)) {
    const where = { id: ownerId, AND: [visibleSubjects(context.caller)] };
    return context.db.subject.findUnique({ ...selectionOf('Subject', context, info), where });
  }
  if (!maySeeOwner(context.caller, ownerId)) return null;
  const where = { id: ownerId };
  switch (kindOf(ownerId)) {
    case 'account':
      return context.db.account.findUnique({ ...selectionOf('Account', context, info), where });
    case 'organization':
      return context.db.organization.findUnique({ ...selectionOf('Organization', context, info), where });
    default:
      return null;
  }
}

function selectionOf(
  typeName: 'Account' | 'Organization' | 'Subject',
  context: Context,
  info: GraphQLResolveInfo,
): object {
  return queryFromInfo({ context, info, typeName });
}

/** Whether the caller is the owner, a member or key of the owner, or an administrator. */
function maySeeOwner(caller: Caller, ownerId: string): boolean {
  if (caller.kind === 'PORTAL') return false;
  if (caller.kind === 'KEY') return ownerId === caller.ownerId;
  return caller.kind === 'ACCOUNT' && (caller.isAdministrator || ownerId === caller.id || caller.roles.has(ownerId));
}
