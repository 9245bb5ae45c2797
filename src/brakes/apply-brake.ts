import type { Binding } from '../../prisma/generated/client/client.ts';
import { brakeShare, activeCountForShare } from '../domain/brake-share.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import { systemActor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import type { AttributedReason } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';

/** A write by which a policy, not a person, shortens a key's stop. */
export interface ShorteningWrite {
  readonly keyId: string;
  readonly from: Date | null;
  readonly to: Date;
  readonly reason: AttributedReason;
  /** The binding that decides the new stop. */
  readonly binding: Cause;
}

/** The binding, revision and module version whose writes are counted together. */
type Cause = Pick<Binding, 'id' | 'realmId' | 'policy' | 'title' | 'revision' | 'hash' | 'budget' | 'budgetUsed'> & {
  /** The open rollout that brings the revision, and whose budget it is. Null: none does. */
  readonly rolloutId: string | null;
};

/**
 * Decides which shortenings may be written (law 11). Within an hour, one cause, or all causes of a realm together, may shorten
 * at most the realm's share of its keys; a change that was confirmed with its preview has its own budget instead. Further
 * writes are refused: the key keeps its old stop, the new one waits behind the brake, and one event is recorded. Writes are
 * counted in the database, so that all nodes share one brake. The realms must be locked (`lockRealms`). The caller deletes the
 * waiting stops of keys whose stop may be shortened.
 *
 * Returns the ids of the keys whose stop may be shortened.
 */
export async function applyBrake(
  change: Change,
  stops: readonly ShorteningWrite[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const passed = new Set<string>();
  const realmIds = new Set(stops.map(({ binding }) => binding.realmId));
  for (const realmId of realmIds) {
    const ofRealm = stops.filter(({ binding }) => binding.realmId === realmId);
    const bindings = new Map(ofRealm.map(({ binding }) => [binding.id, binding]));
    for (const binding of [...bindings.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const ofBinding = ofRealm.filter((stop) => stop.binding.id === binding.id);
      const count = await countAllowed(change, binding, ofBinding.length, now);
      for (const { keyId } of ofBinding.slice(0, count)) passed.add(keyId);
      const waiting = ofBinding.slice(count);
      if (waiting.length > 0) await engageBrake(change, binding, waiting, now);
    }
  }
  return passed;
}

/** Returns how many writes of one binding are allowed, and counts them as used. */
async function countAllowed({ tx }: Change, binding: Cause, requested: number, now: Date): Promise<number> {
  const cause = { bindingId: binding.id, revision: binding.revision, hash: binding.hash };
  const brakes = await tx.brake.findMany({ where: { ...cause, state: { not: 'CANCELLED' } } });
  const open = brakes.find(({ allowance, passed }) => allowance > passed);
  const released = open === undefined ? 0 : Math.min(requested, open.allowance - open.passed);
  if (open !== undefined) {
    await tx.brake.update({ where: { id: open.id }, data: { passed: { increment: released } } });
  }
  const left = requested - released;
  if (left === 0 || brakes.some(({ state }) => state === 'ENGAGED')) return released;
  let [confirmed, used] = [0, 0];
  if (binding.budget !== null) {
    const before = await readBudgetUsed(tx, binding);
    confirmed = Math.max(0, Math.min(left, binding.budget - before));
    used = before + confirmed;
    await writeBudgetUsed(tx, binding, used);
  }
  const unconfirmed = left - confirmed;
  if (unconfirmed === 0) return released + confirmed;
  // Confirmed shortenings count against the hourly share of their cause too.
  const { ofRealm, ofCause } = await countShortened(tx, binding, now);
  const taken = Math.max(ofRealm, ofCause + used);
  // Counts only as many active keys as this decision needs, even in a realm with a million.
  const share = brakeShare(await countActive(tx, binding.realmId, activeCountForShare(taken + unconfirmed)));
  const free = Math.max(0, Math.min(unconfirmed, share - taken));
  if (free > 0) {
    const minute = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
    const id = { realmId: binding.realmId, cause: causeOf(binding), minute };
    await tx.nearing.upsert({
      where: { realmId_cause_minute: id },
      create: { ...id, count: free },
      update: { count: { increment: free } },
    });
  }
  return released + confirmed + free;
}

async function readBudgetUsed(tx: Change['tx'], { id, rolloutId }: Cause): Promise<number> {
  if (rolloutId === null) {
    return (await tx.binding.findUniqueOrThrow({ where: { id }, select: { budgetUsed: true } })).budgetUsed;
  }
  return (await tx.rollout.findUniqueOrThrow({ where: { id: rolloutId }, select: { brakeUsed: true } })).brakeUsed;
}

async function writeBudgetUsed(tx: Change['tx'], { id, rolloutId }: Cause, used: number): Promise<void> {
  if (rolloutId === null) await tx.binding.update({ where: { id }, data: { budgetUsed: used } });
  else await tx.rollout.update({ where: { id: rolloutId }, data: { brakeUsed: used } });
}

async function countActive(tx: Change['tx'], realmId: string, most: number): Promise<number> {
  return tx.key.count({ where: { realmId, revokedAt: null, expiredAt: null }, take: most });
}

async function countShortened(tx: Change['tx'], binding: Cause, now: Date) {
  const rows = await tx.nearing.findMany({ where: { realmId: binding.realmId, minute: { gt: addMs(now, -HOUR_MS) } } });
  const sum = (counted: typeof rows) => counted.reduce((total, { count }) => total + count, 0);
  return { ofRealm: sum(rows), ofCause: sum(rows.filter(({ cause }) => cause === causeOf(binding))) };
}

function causeOf({ id, revision, hash }: Cause): string {
  return `${id} ${revision} ${hash}`;
}

/** Stores stops as waiting behind the brake of their cause. Engages the brake and records the event, unless it is engaged. */
async function engageBrake(
  { tx, core, record }: Change,
  binding: Cause,
  waiting: readonly ShorteningWrite[],
  now: Date,
) {
  const { id: bindingId, realmId, revision, hash, policy, title } = binding;
  const engaged = await tx.brake.findFirst({ where: { bindingId, revision, hash, state: 'ENGAGED' } });
  const brakeId = engaged?.id ?? newId('brake', now, core.random);
  if (engaged === null) {
    await tx.brake.create({
      data: { id: brakeId, realmId, bindingId, revision, hash, state: 'ENGAGED', engagedAt: now },
    });
    record({
      type: 'BRAKE_ENGAGED',
      at: now,
      keyId: null,
      realmId,
      ownerId: null,
      actor: systemActor,
      reason: `${title} would shorten the stops of more keys than the brake allows within an hour. The keys keep their old stops until an administrator releases or cancels the brake.`,
      data: { brakeId, bindingId, policy, revision, hash, waiting: waiting.length },
    });
  }
  const rows = waiting.map(({ keyId, from, to, reason }) => ({ keyId, from, to, reason }));
  await tx.$executeRaw`
    INSERT INTO "WaitingStop" ("keyId", "brakeId", "from", "to", reason, since)
    SELECT r."keyId", ${brakeId}, r."from", r."to", r.reason, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("keyId" text, "from" timestamptz, "to" timestamptz, reason jsonb)
    ON CONFLICT ("keyId") DO UPDATE
      SET "brakeId" = excluded."brakeId", "to" = excluded."to", reason = excluded.reason`;
}
