import type { PrismaClient } from '../../prisma/generated/client/client.ts';

/** Resolves when so many statements of a database wait for a lock that another transaction holds. */
export async function waitUntilBlocked(prisma: Pick<PrismaClient, '$queryRaw'>, count = 1): Promise<void> {
  for (;;) {
    const waiting = await prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (waiting.length >= count) return;
  }
}
