import { Prisma, type Brake } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { badUserInput } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { revisionsOf } from '../policies/revisions.ts';
import { refuseDuringRollout } from '../policies/refuse-during-rollout.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { lockManagedRealmById } from '../policies/lock-realm.ts';
import type { Transaction } from '../store/core.ts';

export interface EndBrakeInput {
  readonly brakeId: string;
  readonly reason?: string | null;
}

export interface ReleaseBrakeInput extends EndBrakeInput {
  /** How many of the waiting stops to release at most; null: all. */
  readonly upTo?: number | null;
}

export type BrakeEnd = { readonly brakeId: string };

/**
 * Releases stops that wait behind a brake, all or up to a number: their keys are reviewed again at once. The brake
 * stays engaged while other stops wait.
 */
export const releaseBrake = useCase<ReleaseBrakeInput, BrakeWithKeys, BrakeEnd>()({
  name: 'releaseBrake',

  async authorize(change, caller, input) {
    // Keys before the realm: a review locks its keys before it takes the locks of the brake (deadlock).
    const keyIds = await lockWaitingKeys(change, input.brakeId);
    const brake = await lockBrakeForCaller(change, caller, input);
    return isFailure(brake) ? brake : { brake, keyIds };
  },

  async run({ tx, record, now }, caller, { upTo, reason = null }, { brake, keyIds }) {
    const ended = refuseEnded(brake);
    if (ended !== null) return ended;
    if (upTo != null && upTo < 1) throw badUserInput(`upTo: found ${upTo}; expected at least 1.`, ['input', 'upTo']);
    const at = now();
    const waiting = await tx.waitingStop.findMany({
      where: { brakeId: brake.id },
      orderBy: [{ since: 'asc' }, { keyId: 'asc' }],
      select: { keyId: true },
    });
    const locked = new Set(keyIds);
    const released = waiting.flatMap(({ keyId }) => (locked.has(keyId) ? [keyId] : [])).slice(0, upTo ?? undefined);
    const allowance = released.length;
    await tx.brake.update({
      where: { id: brake.id },
      data: {
        allowance: { increment: allowance },
        ...(allowance === waiting.length && { state: 'RELEASED', endedAt: at }),
      },
    });
    await tx.$executeRaw`UPDATE "Key" SET "reviewAt" = least("reviewAt", ${at}) WHERE id = ANY(${released})`;
    const data = { brakeId: brake.id, bindingId: brake.bindingId, waiting: waiting.length, allowance };
    record({ type: 'BRAKE_RELEASED', at, realmId: brake.realmId, actor: actorOf(caller), reason, data });
    return { brakeId: brake.id };
  },
});

/**
 * Cancels a brake: drops the stops that wait behind it, and sets the binding that engaged it to SHADOW, so that the
 * binding's verdicts are shown but change nothing. If the revision that engaged the brake is no longer in force, the
 * binding stays as it is.
 */
export const cancelBrake = useCase<EndBrakeInput, Brake, BrakeEnd>()({
  name: 'cancelBrake',

  authorize: (change, caller, input) => lockBrakeForCaller(change, caller, input),

  async run(change, caller, { reason = null }, brake) {
    const ended = refuseEnded(brake);
    if (ended !== null) return ended;
    const { tx } = change;
    const at = change.now();
    const isInForce = await isCauseInForce(change, brake, at);
    // To set the binding to SHADOW is another change of it.
    const busy = await refuseDuringRollout(tx, brake.bindingId, isInForce ? undefined : brake.revision);
    if (busy !== null) return busy;
    const { count: dropped } = await tx.waitingStop.deleteMany({ where: { brakeId: brake.id } });
    await tx.brake.update({ where: { id: brake.id }, data: { state: 'CANCELLED', endedAt: at } });
    if (isInForce) {
      await tx.binding.update({
        where: { id: brake.bindingId },
        data: {
          mode: 'SHADOW',
          // This also withdraws an announced revision, and the revision in force until then.
          before: Prisma.DbNull,
          isAnnounced: false,
          effectiveAt: at,
          revision: { increment: 1 },
          changedAt: at,
          ...(await startSweep(change, brake.realmId)),
        },
      });
    }
    const data = { brakeId: brake.id, bindingId: brake.bindingId, dropped, isInForce };
    change.record({ type: 'BRAKE_CANCELLED', at, realmId: brake.realmId, actor: actorOf(caller), reason, data });
    return { brakeId: brake.id };
  },
});

/** Returns whether the revision that engaged a brake is in force. */
async function isCauseInForce({ tx }: Change, { bindingId, revision }: Brake, now: Date): Promise<boolean> {
  const binding = await tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
  return revisionsOf(binding, now).some((candidate) => candidate.counts && candidate.revision === revision);
}

/** A brake, and the locked keys whose stops wait behind it. */
interface BrakeWithKeys {
  readonly brake: Brake;
  readonly keyIds: readonly string[];
}

async function lockWaitingKeys({ tx }: Change, brakeId: string): Promise<readonly string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Key" WHERE id IN (SELECT "keyId" FROM "WaitingStop" WHERE "brakeId" = ${brakeId})
    ORDER BY id FOR NO KEY UPDATE`;
  return rows.map(({ id }) => id);
}

async function lockBrakeForCaller(
  { tx }: Change,
  caller: Caller,
  { brakeId, reason }: EndBrakeInput,
): Promise<Brake | Failure<'BrakeNotFound'>> {
  if (reason != null) checkText('reason', reason, LONGEST_REASON);
  const found = await tx.brake.findUnique({ where: { id: brakeId } });
  if (found === null || !may(caller, 'realm.read', { realmId: found.realmId })) {
    return notFound('There is no brake with this id that you can see.');
  }
  await lockManagedRealmById(tx, caller, found.realmId);
  return tx.brake.findUniqueOrThrow({ where: { id: brakeId } });
}

/**
 * Returns the failure if a brake is not engaged. Must be called in `run`, not in `authorize`: a repeated request must
 * get the result of the first one, which ended the brake.
 */
function refuseEnded({ state }: Brake): Failure<'BrakeNotFound'> | null {
  return state === 'ENGAGED' ? null : notFound(`This brake is already ${state.toLowerCase()}.`);
}

function notFound(found: string): Failure<'BrakeNotFound'> {
  return fail('BrakeNotFound', found, { path: ['input', 'brakeId'] });
}

/**
 * Cancels the engaged brakes of a binding, or of some of its revisions, and deletes the stops that wait behind them, because
 * their cause no longer exists.
 */
export async function dropBrakes(
  tx: Transaction,
  bindingId: string,
  at: Date,
  revision: number | { readonly not: number } | undefined = undefined,
): Promise<void> {
  const where = { bindingId, ...(revision !== undefined && { revision }) };
  await tx.waitingStop.deleteMany({ where: { brake: where } });
  await tx.brake.updateMany({ where: { ...where, state: 'ENGAGED' }, data: { state: 'CANCELLED', endedAt: at } });
}
