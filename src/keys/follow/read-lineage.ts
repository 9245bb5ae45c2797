import type { Core } from '../../store/core.ts';

/** Reads the id of the database's history: another one after a restore. Empty: it has none. */
export async function readLineage(prisma: Pick<Core['prisma'], 'lineage'>): Promise<string> {
  const newest = await prisma.lineage.findFirst({
    orderBy: [{ beganAt: 'desc' }, { id: 'asc' }],
    select: { id: true },
  });
  return newest?.id ?? '';
}
