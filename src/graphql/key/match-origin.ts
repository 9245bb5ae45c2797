import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { EXTERNAL_ID_MAX } from '../../domain/subject.ts';
import { textProblem } from '../../domain/text.ts';
import { VERIFY_LENGTH_MAX } from '../../keys/verify-input.ts';

/** The fields of a filter that say which subject owns keys, and who issued and used them. */
export interface KeyOrigin {
  readonly subject?: string | null | undefined;
  readonly issuedBy?: string | null | undefined;
  readonly tokenRule?: string | null | undefined;
  readonly usedBy?: string | null | undefined;
}

/** Returns the conditions for the keys of an origin. Throws BAD_USER_INPUT for a value that no key can have. */
export function matchOrigin({ subject, issuedBy, tokenRule, usedBy }: KeyOrigin): readonly Prisma.KeyWhereInput[] {
  const conditions: Prisma.KeyWhereInput[] = [];
  if (subject != null) {
    checkFilterText(subject, 'subject', EXTERNAL_ID_MAX);
    conditions.push({ subjectId: { not: null }, subject: { externalId: subject } });
  }
  if (issuedBy != null) conditions.push(keysIssuedBy(issuedBy));
  if (tokenRule != null) {
    if (kindOf(tokenRule) !== 'rule') throw otherId('tokenRule', 'a token rule');
    conditions.push({ tokenRuleId: tokenRule });
  }
  if (usedBy != null) {
    checkFilterText(usedBy, 'usedBy', VERIFY_LENGTH_MAX.consumer);
    // A consumer that only sent a secret after it had retired has a row without a use.
    conditions.push({ secrets: { some: { uses: { some: { consumer: usedBy, lastUsedAt: { not: null } } } } } });
  }
  return conditions;
}

/** Throws BAD_USER_INPUT for a text that a field of a filter cannot have. */
export function checkFilterText(text: string, name: string, max: number): void {
  const problem = textProblem(text, { name, max });
  if (problem !== null) throw badUserInput(problem, ['filter', name]);
}

function keysIssuedBy(issuer: string): Prisma.KeyWhereInput {
  switch (kindOf(issuer)) {
    case 'account':
      return { issuedById: issuer };
    case 'key':
      return { OR: [{ parentId: issuer }, { managerId: issuer }] };
    case 'portal':
      return { portalSessionId: issuer };
    default:
      throw otherId('issuedBy', 'an account or key');
  }
}

/** Returns the BAD_USER_INPUT for an id of another kind than a field of a filter expects. */
function otherId(field: string, expected: string): Error {
  return badUserInput(`${field}: found a text that is not an id of ${expected}; expected such an id.`, [
    'filter',
    field,
  ]);
}
