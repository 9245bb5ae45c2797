import { expect } from 'vitest';
import type { Rollout } from '../../prisma/generated/client/client.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { isOpenRollout } from '../../src/domain/rollout.ts';
import type { RolloutStage } from '../../src/domain/rollout-stage.ts';
import { readKeys } from '../../src/keys/lock-key.ts';
import type { KeyRow } from '../../src/keys/key-row.ts';
import { parseStoredVerdicts } from '../../src/policies/stored-verdicts.ts';
import type { RolloutWorld } from '../support/rollout-world.ts';
import type { OwnedKey } from './policy-steps.ts';
import type { AcceptedAnswer, RolloutMemory } from './rollout-steps.ts';

const NOTICE_MS = 30 * DAY_MS;
const OBJECTION_MS = 14 * DAY_MS;

/** What the laws have seen happen, so that a test knows that it checked something. */
export type Seen = Record<'stages' | 'reached' | 'excepted' | 'brownouts' | 'restored' | 'ended' | 'halted', number>;

export const nothingSeen = (): Seen => ({
  stages: 0,
  reached: 0,
  excepted: 0,
  brownouts: 0,
  restored: 0,
  ended: 0,
  halted: 0,
});

/** The last rollout and all keys, at one moment. */
export async function observeRollout(world: RolloutWorld, keys: readonly OwnedKey[]) {
  const rollout = await world.prisma.rollout.findFirst({ orderBy: { id: 'desc' } });
  const rows = await world.prisma.$transaction((tx) =>
    readKeys(
      tx,
      keys.map(({ keyId }) => keyId),
    ),
  );
  return { now: world.clock.now().getTime(), rollout, rows };
}

export type RolloutObserved = Awaited<ReturnType<typeof observeRollout>>;

/** Checks the laws of rollouts on two states, one step apart. */
export async function checkRolloutLaws(
  world: RolloutWorld,
  { before, after }: { readonly before: RolloutObserved; readonly after: RolloutObserved },
  keys: readonly OwnedKey[],
  memory: RolloutMemory,
  seen: Seen,
): Promise<void> {
  const { rollout } = after;
  await checkOutcomes(world, after, keys, memory, seen);
  if (rollout === null) return;
  await checkGates(world, rollout, memory, seen);
  if (isOpenRollout(rollout)) checkCohorts(rollout, after, keys, memory, seen);
  checkExceptions(rollout, after, memory, seen);
  const wasOpen = before.rollout?.id === rollout.id && isOpenRollout(before.rollout);
  if (wasOpen && rollout.state === 'UNDONE') checkUndo(rollout, before, after, seen);
}

/** No stage begins with a gate open: replays the log of a rollout, with what owners answered. */
async function checkGates(world: RolloutWorld, rollout: Rollout, { answers }: RolloutMemory, seen: Seen) {
  const events = await world.prisma.event.findMany({
    where: { type: { startsWith: 'ROLLOUT_' }, data: { path: ['rolloutId'], equals: rollout.id } },
    orderBy: { position: 'asc' },
  });
  const stages = rollout.stages as unknown as readonly RolloutStage[];
  const objections = answers.filter(({ kind, rolloutId }) => kind === 'OBJECT' && rolloutId === rollout.id);
  let [stage, since, pausedAt, isInconclusive, isHalted] = [
    0,
    rollout.createdAt.getTime(),
    null as number | null,
    false,
    false,
  ];
  for (const { type, at: moment, data, actorKind } of events) {
    const at = moment.getTime();
    const isEnd = type === 'ROLLOUT_ENDED' && rollout.state === 'DONE';
    const begun = (data as { stage?: number }).stage ?? 0;
    if (isEnd || (type === 'ROLLOUT_STAGE_BEGAN' && begun > 1)) {
      expect(pausedAt, 'a stage begins in a pause').toBeNull();
      expect(isHalted).toBe(false);
      if (!isEnd) expect(begun, 'the next stage').toBe(stage + 2);
      expect(at - since, 'LEAST_TIME').toBeGreaterThanOrEqual(leastTimeOf(stages[stage]!));
      const holding = objections.filter(
        (one) => one.at < at && at < one.at + OBJECTION_MS && (one.until === null || one.until > at),
      );
      expect(holding, 'OBJECTIONS').toEqual([]);
      if (isInconclusive) expect(actorKind, 'EVIDENCE').toBe('ACCOUNT');
      [stage, since, isInconclusive] = [stage + 1, at, false];
      seen.stages += 1;
    } else if (type === 'ROLLOUT_PAUSED') {
      if ((data as { isOverBudget: boolean }).isOverBudget) {
        if (['COHORT', 'ENFORCED'].includes(stages[stage]!.kind)) stage -= 1;
        [since, isHalted] = [at, true];
        seen.halted += 1;
      }
      [pausedAt, isInconclusive] = [at, false];
    } else if (type === 'ROLLOUT_INCONCLUSIVE') isInconclusive = true;
    else if (type === 'ROLLOUT_RESUMED') {
      since = isInconclusive ? at : since + at - (pausedAt ?? at);
      [pausedAt, isInconclusive, isHalted] = [null, false, false];
    }
  }
  if (isOpenRollout(rollout)) expect(rollout.stage).toBe(stage);
}

/** A stage that stops keys outlasts the notice by a day, whatever its own least time is. */
function leastTimeOf({ kind, atLeastMs }: RolloutStage): number {
  return kind === 'COHORT' || kind === 'ENFORCED' ? Math.max(atLeastMs, NOTICE_MS + DAY_MS) : atLeastMs;
}

/** The stored verdict of the rollout's revision, if it counts. */
function reachedBy({ bindingId, revision }: Rollout, { judgement }: KeyRow) {
  return parseStoredVerdicts(judgement).find(
    (one) => one.bindingId === bindingId && one.revision === revision && one.counts,
  );
}

/** An owner is in one cohort: of keys that were neither transferred nor enrolled on their own, all are reached or none is. */
function checkCohorts(
  rollout: Rollout,
  { rows }: RolloutObserved,
  keys: readonly OwnedKey[],
  { answers }: RolloutMemory,
  seen: Seen,
) {
  const alone = new Set(answers.filter(({ rolloutId }) => rolloutId === rollout.id).flatMap(({ keyIds }) => keyIds));
  const owned = rows.filter(({ id, accountId, expiredAt, createdAt }) => {
    const owner = keys.find(({ keyId }) => keyId === id)?.owner.id;
    return accountId === owner && expiredAt === null && !alone.has(id) && createdAt <= rollout.createdAt;
  });
  for (const [ownerId, ofOwner] of Map.groupBy(owned, ({ accountId }) => accountId)) {
    const reached = ofOwner.filter((row) => reachedBy(rollout, row) !== undefined).length;
    expect([0, ofOwner.length], `keys of ${String(ownerId)}`).toContain(reached);
    seen.reached += reached;
  }
}

/** An exception holds until its end, and does not outlive it. */
function checkExceptions(rollout: Rollout, { rows, now }: RolloutObserved, { answers }: RolloutMemory, seen: Seen) {
  for (const row of rows) {
    const granted = answers.filter((one) => one.rolloutId === rollout.id && isExceptionOf(one, row));
    const end = Math.max(...granted.map(({ until }) => until ?? 0));
    const verdict = reachedBy(rollout, row);
    if (verdict === undefined || end < now) continue;
    const { cap, hold, expire } = verdict.effective;
    const stop = Math.min(cap ?? Infinity, hold ?? Infinity, expire ?? Infinity);
    // The key was reached before its exception, or the exception holds.
    if (row.expiredAt === null && row.standing !== 'HELD') expect(stop).toBeGreaterThanOrEqual(end);
    const { expiry, dormancy } = verdict.raw;
    const said = Math.min(expiry?.cap?.at ?? Infinity, dormancy?.holdAt ?? Infinity, dormancy?.expireAt ?? Infinity);
    // What is past by the revision itself comes when the exception ends, with its notice from the stage on.
    if (row.expiredAt === null && said < now)
      expect(stop, 'the stop after the exception').toBeLessThanOrEqual(Math.max(end, now + NOTICE_MS));
    seen.excepted += 1;
  }
}

function isExceptionOf({ kind, keyIds, ownerId }: AcceptedAnswer, { id, accountId }: KeyRow): boolean {
  return kind === 'EXCEPTION' && (keyIds.length > 0 ? keyIds.includes(id) : ownerId === accountId);
}

/** What every other binding, and its owner, leaves of a key's life, by the verdicts that are stored. */
function stopWithout({ bindingId }: Rollout, { judgement, chosenExpiresAt }: KeyRow): number {
  const others = parseStoredVerdicts(judgement).filter((one) => one.counts && one.bindingId !== bindingId);
  const stops = others.flatMap(({ effective: { cap, hold, expire } }) => [cap, hold, expire]);
  return Math.min(...stops.map((at) => at ?? Infinity), chosenExpiresAt?.getTime() ?? Infinity);
}

/** Undo restores every stop that the rollout moved. What persons and other bindings did stays. */
function checkUndo(rollout: Rollout, before: RolloutObserved, after: RolloutObserved, seen: Seen) {
  const rows = new Map(after.rows.map((row) => [row.id, row]));
  for (const was of before.rows) {
    const is = rows.get(was.id)!;
    const without = stopWithout(rollout, was);
    if (was.expiredAt === null) expect(reachedBy(rollout, is)).toBeUndefined();
    if (was.revokedAt !== null || without <= after.now) continue;
    const under = reachedBy(rollout, was);
    const moved = under === undefined ? Infinity : Math.min(...stopsOf(under.effective));
    if (was.expiredAt !== null && moved > was.expiredAt.getTime()) continue;
    expect([is.id, is.expiredAt]).toEqual([is.id, null]);
    const held = (row: KeyRow) => row.holds.filter(({ source }) => source !== 'POLICY').map(({ id }) => id);
    expect(held(is)).toEqual(held(was));
    expect(is.stopsAt?.getTime() ?? Infinity).toBeGreaterThanOrEqual(without);
    if (moved < without) seen.restored += 1;
  }
}

function stopsOf({ cap, hold, expire }: { cap: number | null; hold: number | null; expire: number | null }) {
  return [cap, hold, expire].map((at) => at ?? Infinity);
}

/** Laws 1 and 2: what a verifier is told of each key is what is recorded, or a brownout that its owner wanted. */
async function checkOutcomes(
  world: RolloutWorld,
  { rows, now }: RolloutObserved,
  keys: readonly OwnedKey[],
  { answers }: RolloutMemory,
  seen: Seen,
) {
  const secrets = new Map(keys.map(({ keyId, secret }) => [keyId, secret]));
  for (const row of rows) {
    const outcome = await world.probe(secrets.get(row.id)!);
    // A BY_USE expiry ends a key only when a review decides it.
    const isOver = row.expiredAt !== null || (row.expiryBasis === 'HARD' && row.expiresAt!.getTime() <= now);
    if (outcome === 'VALID') expect([row.id, isOver, row.holds.length]).toEqual([row.id, false, 0]);
    else if (outcome === 'KEY_EXPIRED') expect([row.id, isOver]).toEqual([row.id, true]);
    else if (outcome === 'KEY_HELD') expect(row.holds.length).toBeGreaterThan(0);
    else if (outcome === 'BROWNOUT') {
      const windows = (row.brownouts ?? []) as unknown as readonly { from: number; to: number }[];
      const present = windows.find(({ from, to }) => from <= now && now < to);
      expect(present!.to - present!.from).toBeLessThanOrEqual(15 * MINUTE_MS);
      const wanted = answers.filter(
        ({ kind, keyIds, ownerId, until, at }) =>
          kind === 'BROWNOUT' &&
          until === null &&
          at + NOTICE_MS <= present!.from &&
          (keyIds.includes(row.id) || ownerId === row.accountId),
      );
      expect(wanted.length, 'enrolled the notice period ahead').toBeGreaterThan(0);
      seen.brownouts += 1;
    } else expect(['SECRET_RETIRED']).toContain(outcome);
    if (isOver) seen.ended += 1;
  }
}
