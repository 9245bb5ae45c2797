import { systemActor } from '../domain/event.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { exceptionEventData } from './decide-exception.ts';

/** How many exceptions one transaction ends. */
const BATCH = 100;

/**
 * Records the ends of granted exceptions whose moment has come. It changes no key: an evaluation knows by time alone that an exception is
 * over. If several nodes try at once, each exception ends once.
 */
export async function endExceptions(core: Core): Promise<void> {
  const isDue = { state: 'GRANTED' as const, until: { lte: core.clock.now() } };
  if ((await core.prisma.rolloutException.findFirst({ where: isDue, select: { id: true } })) === null) return;
  await change(core, async (change) => {
    const { tx } = change;
    const now = change.now();
    const due = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM "RolloutException" WHERE state = 'GRANTED' AND until <= ${now}
      ORDER BY until, id LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`;
    const where = { id: { in: due.map(({ id }) => id) } };
    const ended = await tx.rolloutException.findMany({ where, include: { rollout: true }, orderBy: { until: 'asc' } });
    await tx.rolloutException.updateMany({ where, data: { state: 'ENDED', endedAt: now } });
    for (const { rollout, ...exception } of ended) {
      change.record({
        type: 'ROLLOUT_EXCEPTION_ENDED',
        at: exception.until,
        realmId: rollout.realmId,
        ownerId: exception.ownerId,
        actor: systemActor,
        data: exceptionEventData(rollout, exception),
      });
    }
  });
}
