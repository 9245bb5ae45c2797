import { change, type Change } from '../log/change.ts';
import { Prisma } from '../../prisma/generated/client/client.ts';
import type { EvaluationReport } from '../policies/evaluate-policies.ts';
import { knownFault } from '../policies/known-fault.ts';
import { dropBrakes } from '../policies/drop-brakes.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { realmsForOtherNodes } from '../policies/heartbeat.ts';
import { lockRealm } from '../realms/lock-realm.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { PolicyCore, ReviewCore } from './apply-policies.ts';
import { recordReview } from './record-review.ts';

/** How many keys one transaction looks at. */
const BATCH = 500;

/**
 * Tells of the bindings whose announced revision has become effective, and has the keys of their realms looked at again.
 * Of nodes that do so at once one does it.
 */
export async function enforceAnnounced(core: PolicyCore): Promise<void> {
  const now = core.clock.now();
  const come = await core.prisma.binding.findMany({
    where: { isAnnounced: true, unboundAt: null, effectiveAt: { lte: now } },
    orderBy: { id: 'asc' },
  });
  for (const { id, realmId, policy, title, hash, revision, mode, effectiveAt, before } of come) {
    await change(core, async (change) => {
      const { tx, record } = change;
      await lockRealm(tx, realmId);
      const sweep = await startSweep(change, realmId);
      const { count } = await tx.binding.updateMany({
        where: { id, isAnnounced: true, revision, unboundAt: null },
        data: { isAnnounced: false, before: Prisma.DbNull, ...sweep },
      });
      if (count === 0) return;
      // Whatever waits does so for the revision that was in force until then.
      await dropBrakes(tx, id, now);
      record({
        type: before === null ? 'POLICY_BOUND' : 'POLICY_CHANGED',
        at: effectiveAt,
        realmId,
        actor: { kind: 'POLICY', id, name: title },
        data: {
          bindingId: id,
          policy,
          hash,
          revision,
          mode,
          effectiveAt: effectiveAt.toISOString(),
          keyCount: sweep.sweepTotal,
        },
      });
    });
  }
}

/**
 * Looks at the next keys of a realm one of whose bindings has changed, in the order of their ids, so that each is looked at
 * once and a sweep that was cut off goes on where it was. Any number of nodes share the work, a binding at a time.
 *
 * Returns how many keys were looked at; null: nothing is left to do.
 */
export async function sweepBatch(core: ReviewCore): Promise<number | null> {
  try {
    return await sweep(core, recordReview);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    // One of them cannot be looked at: each is made due, and the reviewer finds out which.
    return sweep(core, markDue);
  }
}

/** Looks at keys, and says how the bindings did; null: they are looked at later. */
type ReviewKeys = (...of: Parameters<typeof recordReview>) => Promise<readonly EvaluationReport[] | null>;

function sweep(core: ReviewCore, look: ReviewKeys): Promise<number | null> {
  return change(core, async (change) => {
    const { tx, record } = change;
    const others = await realmsForOtherNodes(tx, core.policies, change.now());
    const open = await tx.binding.findMany({
      where: { sweepCursor: { not: null }, realmId: { notIn: [...others] } },
      orderBy: [{ changedAt: 'asc' }, { id: 'asc' }],
      select: { id: true },
    });
    for (const { id } of open) {
      const [lock] = await tx.$queryRaw<[{ isMine: boolean }]>`
        SELECT pg_try_advisory_xact_lock(hashtextextended(${`sweep ${id}`}, 0)) AS "isMine"`;
      if (!lock.isMine) continue;
      const binding = await tx.binding.findUniqueOrThrow({ where: { id } });
      const { realmId, sweepCursor, sweepNumber, policy, title, hash, revision, isAnnounced } = binding;
      if (sweepCursor === null) continue;
      const keys = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Key"
        WHERE "realmId" = ${realmId} AND id > ${sweepCursor} AND "revokedAt" IS NULL AND "expiredAt" IS NULL
        ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE`;
      const now = change.now();
      const ids = keys.map((key) => key.id);
      const reports = ids.length === 0 ? [] : await look(change, ids, now);
      const report = reports?.find((one) => one.binding.id === id && one.revision === revision);
      const silentCount = reports === null ? ids.length : (report?.unansweredCount ?? 0);
      const silentTotal = binding.sweepSilent + silentCount;
      const isOver = ids.length < BATCH;
      const { count } = await tx.binding.updateMany({
        // Unless it began anew in between: with another revision, or because its module works again.
        where: { id, revision, sweepCursor, sweepNumber },
        data: {
          sweepCursor: isOver ? null : (ids.at(-1) ?? null),
          sweepDone: { increment: ids.length },
          sweepSilent: { increment: silentCount },
          // What its preview confirmed has been done, if it said something of every key.
          ...(isOver && !isAnnounced && silentTotal === 0 && { budget: null }),
        },
      });
      // Of one whose module rests all keys are looked at again when that is asked: only then it is applied.
      if (isOver && count > 0 && !(await isModuleResting(tx, id))) {
        const keyCount = binding.sweepDone + ids.length;
        const data = {
          bindingId: id,
          policy,
          hash,
          revision,
          keyCount,
          silentCount: silentTotal,
        };
        record({ type: 'POLICY_APPLIED', at: now, realmId, actor: { kind: 'POLICY', id, name: title }, data });
      }
      return ids.length;
    }
    return null;
  });
}

async function isModuleResting(tx: Change['tx'], bindingId: string): Promise<boolean> {
  const binding = await tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
  return knownFault(binding)?.isResting === true;
}

async function markDue({ tx }: Change<PolicyCore>, ids: readonly string[], now: Date): Promise<null> {
  await tx.key.updateMany({ where: { id: { in: [...ids] } }, data: { reviewAt: now } });
  return null;
}
