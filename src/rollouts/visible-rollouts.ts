import type { Prisma, Rollout } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/**
 * Whether a caller may answer a rollout for anyone: those who see the policies of its realm, and a key with keytide:manage of the realm.
 */
export function maySeeRollout(caller: Caller, { realmId }: Pick<Rollout, 'realmId'>): boolean {
  return may(caller, 'policy.read', { realmId }) || actsForSubjects(caller, realmId);
}

/** Returns the owners whose answers a caller sees in full; null: all, because it administers the realm. */
export function ownersOfAnswers(caller: Caller, realmId: string): readonly string[] | null {
  if (may(caller, 'realm.manage', { realmId })) return null;
  switch (caller.kind) {
    case 'ACCOUNT':
      return [caller.id, ...[...caller.roles].flatMap(([id, role]) => (role === 'MEMBER' ? [] : [id]))];
    case 'PORTAL':
    case 'KEY':
    case 'ANONYMOUS':
      return [];
  }
}

/** Whether a caller acts for the subjects of a realm, and so sees the answers of all of them. */
function actsForSubjects(caller: Caller, realmId: string): boolean {
  return caller.kind === 'KEY' && caller.realmId === realmId && hasReservedAction(caller, 'keytide:manage');
}

/** Returns a filter for the answers, or the exceptions, of the owners whom a caller may answer for; all: for administrators. */
export function ownAnswersFilter(caller: Caller, realmId: string): { readonly OR?: Prisma.RolloutAnswerWhereInput[] } {
  const owners = ownersOfAnswers(caller, realmId);
  if (owners === null) return {};
  if (actsForSubjects(caller, realmId)) return { OR: [{ ownerId: { startsWith: 'subject_' } }] };
  return { OR: [{ ownerId: { in: [...owners] } }] };
}

/** Returns a filter for the answers that a caller sees in part or in full: its own, public comments, and those with a reply. */
export function visibleAnswersFilter(caller: Caller, realmId: string): Prisma.RolloutAnswerWhereInput {
  const { OR: own } = ownAnswersFilter(caller, realmId);
  if (own === undefined) return {};
  return { OR: [...own, { kind: 'COMMENT', isPublic: true }, { repliedAt: { not: null } }] };
}

/** Whether a caller sees an owner's answers in full. */
export function mayAnswerFor(caller: Caller, ownerId: string, realmId: string): boolean {
  return may(caller, 'realm.manage', { realmId }) || may(caller, 'rollout.answer', { ownerId, realmId });
}
