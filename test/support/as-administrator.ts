import type { AccountCaller } from '../../src/domain/caller.ts';
import type { Gateway } from './gateway.ts';

/** The administrator as use cases know their caller, for as much time as passes. */
export async function asAdministrator({ prisma }: Gateway): Promise<AccountCaller> {
  const { id, name } = await prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
  return { kind: 'ACCOUNT', id, name, isAdministrator: true, roles: new Map(), sessionId: 'session' };
}
