import { change, type Change } from '../log/change.ts';
import { changeAfterRehearsal, rehearseAhead, type RehearsedCores, type Rehearsal } from '../log/rehearse.ts';
import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { stageOf } from '../domain/rollout.ts';
import { isInForceIn, type RolloutStage } from '../domain/rollout-stage.ts';
import { knownFault } from '../policies/known-fault.ts';
import { bindingChanges, bindingSettings } from '../policies/binding-changes.ts';
import type { NextRevision, PreviousRevision } from '../policies/stored-revision.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { realmsForOtherNodes } from '../policies/heartbeat.ts';
import { lockRealm } from '../policies/lock-realm.ts';
import { addMs, hasCome } from '../domain/key.ts';
import type { Core } from '../store/core.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { PolicyCore, ReviewCore } from './apply-policies.ts';
import { markDue, recordReview, type ReviewReport } from './record-review.ts';
import { dropBrakes } from '../brakes/end-brake.ts';

/** How many keys one transaction sweeps. */
const BATCH = 500;

/**
 * Puts the announced revisions in force whose moment has come: records their events, starts a sweep of their realms and
 * drops the brakes of the previous revisions. If several nodes try at once, one does it.
 */
export async function enforceAnnounced(core: PolicyCore): Promise<void> {
  const now = core.clock.now();
  const due = await core.prisma.binding.findMany({
    where: { isAnnounced: true, unboundAt: null, effectiveAt: { lte: now } },
    orderBy: { id: 'asc' },
  });
  for (const binding of due) {
    const { id, realmId, policy, title, hash, revision, mode, effectiveAt } = binding;
    const before = binding.before as unknown as PreviousRevision | null;
    await change(core, async (change) => {
      const { tx, record } = change;
      await lockRealm(tx, realmId);
      const sweep = await startSweep(change, realmId);
      const { count } = await tx.binding.updateMany({
        where: { id, isAnnounced: true, revision, unboundAt: null },
        data: { isAnnounced: false, before: Prisma.DbNull, ...sweep },
      });
      if (count === 0) return;
      // Stops that wait behind a brake belong to the revision that was in force until now.
      await dropBrakes(tx, id, now);
      const event = { at: effectiveAt, realmId, actor: { kind: 'POLICY', id, name: title } } as const;
      const data = {
        bindingId: id,
        policy,
        hash,
        revision,
        mode,
        effectiveAt: effectiveAt.toISOString(),
        keyCount: sweep.sweepTotal,
      };
      if (before === null) record({ ...event, type: 'POLICY_BOUND', data });
      else {
        const changes = bindingChanges(before, bindingSettings(binding));
        record({ ...event, type: 'POLICY_CHANGED', data: { ...data, ...changes } });
      }
    });
  }
}

/**
 * Reviews the next keys of a realm whose bindings have changed, in the order of their ids, so that each key is reviewed
 * once and an interrupted sweep continues at its cursor. Any number of nodes share the work; a binding is swept by one
 * at a time.
 *
 * Returns how many keys were swept; null: no sweep is left for this node.
 */
export async function sweepBatch(core: ReviewCore): Promise<number | null> {
  try {
    return await sweep(core, recordReview);
  } catch (error) {
    discardNextBatch(core);
    if (isUnavailable(error)) throw error;
    // A key of the batch cannot be reviewed. All are made due; the review loop isolates the one that fails.
    return sweep(core, postponeReview);
  }
}

/** The place of a batch in a sweep: it begins behind the cursor. */
interface SweepPlace {
  readonly bindingId: string;
  readonly number: number;
  readonly cursor: string;
}

interface NextBatch {
  /** The instant for which the policies are evaluated. */
  readonly rehearsedAt: Date;
  readonly cores: RehearsedCores<ReviewCore>;
  readonly rehearsal: Rehearsal;
}

/**
 * How long a rehearsal may wait for its turn. Longer, and notices would count from an instant that is past, and events would be
 * backdated.
 */
const REHEARSAL_MAX_AGE_MS = 5_000;

/** The batches that are being rehearsed while the ones before them are written. */
const nextBatches = new WeakMap<Core['prisma'], NextBatch>();

/** Discards the rehearsal of the next batch, if there is one. */
export function discardNextBatch({ prisma }: Core): void {
  nextBatches.delete(prisma);
}

/** Returns the rehearsal of the next batch, for one use; null: there is none, or it has waited for too long. */
function takeNextBatch(core: Core): NextBatch | null {
  const next = nextBatches.get(core.prisma) ?? null;
  discardNextBatch(core);
  const isOld = next !== null && hasCome(addMs(next.rehearsedAt, REHEARSAL_MAX_AGE_MS), core.clock.now());
  return isOld ? null : next;
}

function sweep(core: ReviewCore, reviewKeys: typeof recordReview): Promise<number | null> {
  /** `next`: the place behind the batch that is being written, whose modules are asked meanwhile. Null: the present one. */
  const sweepRealm = async (change: Change<ReviewCore>, next: SweepPlace | null = null) => {
    const { tx, record } = change;
    const now = change.share('instant', () => change.now());
    const others = await realmsForOtherNodes(tx, core.policies, now);
    const swept = await tx.binding.findMany({
      where: { sweepCursor: { not: null }, realmId: { notIn: [...others] } },
      orderBy: [{ changedAt: 'asc' }, { id: 'asc' }],
      select: { id: true },
    });
    for (const { id } of swept) {
      if (next !== null && next.bindingId !== id) continue;
      const [lock] = await tx.$queryRaw<[{ isMine: boolean }]>`
        SELECT pg_try_advisory_xact_lock(hashtextextended(${`sweep ${id}`}, 0)) AS "isMine"`;
      if (!lock.isMine && next === null) continue;
      const binding = await tx.binding.findUniqueOrThrow({ where: { id } });
      const { realmId, sweepNumber, policy, title, revision, isAnnounced } = binding;
      const sweepCursor = next?.cursor ?? binding.sweepCursor;
      if (sweepCursor === null || (next !== null && next.number !== sweepNumber)) continue;
      // Another node may have swept the batch of the rehearsal.
      const batch = `${id} ${sweepNumber} ${sweepCursor}`;
      if (change.share('batch', () => batch) !== batch) return 0;
      const keys = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Key"
        WHERE "realmId" = ${realmId} AND id > ${sweepCursor} AND "revokedAt" IS NULL AND "expiredAt" IS NULL
        ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE`;
      const ids = keys.map((key) => key.id);
      const cursor = ids.at(-1);
      if (!change.isRehearsal && ids.length === BATCH && cursor !== undefined) {
        rehearseNext({ bindingId: id, number: sweepNumber, cursor });
      }
      const none = { reports: [], deferredIds: [] };
      const { reports, deferredIds } = ids.length === 0 ? none : await reviewKeys(change, ids, now);
      const silentCount = deferredIds.length + countUnanswered(reports, binding);
      const silentTotal = binding.sweepSilent + silentCount;
      const isOver = ids.length < BATCH;
      const { count } = await tx.binding.updateMany({
        // Unless a new sweep has started meanwhile: for another revision, or because the module works again.
        where: { id, revision, sweepCursor, sweepNumber },
        data: {
          sweepCursor: isOver ? null : (ids.at(-1) ?? null),
          sweepDone: { increment: ids.length },
          sweepSilent: { increment: silentCount },
          // The preview's budget ends with a sweep in which every key was evaluated.
          ...(isOver && !isAnnounced && silentTotal === 0 && { budget: null }),
        },
      });
      // A resting module is evaluated for all keys again later: only then is the binding applied.
      if (isOver && count > 0 && !(await isModuleResting(tx, id))) {
        const keyCount = binding.sweepDone + ids.length;
        const inForce = await findRevisionInForce(tx, binding);
        const data = { bindingId: id, policy, ...inForce, keyCount, silentCount: silentTotal };
        record({ type: 'POLICY_APPLIED', at: now, realmId, actor: { kind: 'POLICY', id, name: title }, data });
      }
      return ids.length;
    }
    return null;
  };
  const rehearseNext = (next: SweepPlace) => {
    const cores = rehearsePolicies(core, { isForRequest: false });
    const rehearsedAt = core.clock.now();
    const rehearsal = rehearseAhead(cores, (change) => sweepRealm(change, next));
    nextBatches.set(core.prisma, { rehearsedAt, cores, rehearsal });
  };
  const begun = takeNextBatch(core);
  const cores = begun?.cores ?? rehearsePolicies(core, { isForRequest: false });
  const run = (change: Change<ReviewCore>) => sweepRealm(change);
  return changeAfterRehearsal(cores, run, run, undefined, begun?.rehearsal);
}

/** Counts the keys for which the swept revision gave no verdict: that of the binding's open rollout, else that of its row. */
function countUnanswered(reports: ReviewReport['reports'], { id, revision }: Binding): number {
  const own = reports.filter(({ binding }) => binding.id === id);
  const ofRollout = own.filter(({ rollout }) => rollout !== null);
  const swept = ofRollout.length > 0 ? ofRollout : own.filter((report) => report.revision === revision);
  return swept.reduce((sum, { unansweredCount }) => sum + unansweredCount, 0);
}

/** Returns the revision that a sweep put in force: that of an open rollout whose stage does so for some keys, else that of the row. */
async function findRevisionInForce(tx: Change['tx'], { id, hash, revision }: Binding) {
  const open = await tx.rollout.findFirst({ where: { bindingId: id, endedAt: null } });
  const after = (open?.after ?? null) as unknown as NextRevision | null;
  if (open === null || after === null) return { hash, revision };
  const stages = open.stages as unknown as readonly RolloutStage[];
  return isInForceIn(stageOf({ ...open, stages })) ? { hash: after.hash, revision: open.revision } : { hash, revision };
}

async function isModuleResting(tx: Change['tx'], bindingId: string): Promise<boolean> {
  const binding = await tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
  return knownFault(binding)?.isResting === true;
}

async function postponeReview(change: Change, ids: readonly string[], now: Date): Promise<ReviewReport> {
  await markDue(change, ids, now);
  return { reports: [], deferredIds: ids };
}
