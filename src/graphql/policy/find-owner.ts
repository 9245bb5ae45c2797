import type { Account, Organization, Subject } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import { isSubjectId } from '../../domain/subject.ts';
import type { Context } from '../context.ts';

/** Finds the account, organization or subject with an id. */
export function findOwnerById(db: Context['db'], id: string): Promise<Account | Organization | Subject> {
  const where = { id };
  if (isSubjectId(id)) return db.subject.findUniqueOrThrow({ where });
  return kindOf(id) === 'organization'
    ? db.organization.findUniqueOrThrow({ where })
    : db.account.findUniqueOrThrow({ where });
}
