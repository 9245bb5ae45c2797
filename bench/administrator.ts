import type { PrismaClient } from '../prisma/generated/client/client.ts';
import type { AccountCaller } from '../src/domain/caller.ts';

/** Returns the first administrator as a caller. */
export async function actAsAdministrator(prisma: PrismaClient): Promise<AccountCaller> {
  const { id, name } = await prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
  return { kind: 'ACCOUNT', id, name, isAdministrator: true, roles: new Map(), sessionId: 'bench' };
}
