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
import { startSweep } from '../policies/start-sweep.ts';
import { type BindingCore } from './bind.ts';
import { lockManagedRealmById } from '../realms/lock-realm.ts';

export interface EndBrakeInput {
  readonly brakeId: string;
  readonly reason?: string | null;
}

export interface ReleaseBrakeInput extends EndBrakeInput {
  /** Up to how many of the refused writes are let through; null: as many as wait now. */
  readonly upTo?: number | null;
}

export type BrakeEnd = { readonly brakeId: string };

/**
 * Lets what waits behind a brake through, up to a number: those keys are looked at again at once. While others wait it stays
 * engaged.
 */
export const releaseBrake = useCase<ReleaseBrakeInput, BrakeWithKeys, BrakeEnd, BindingCore>({
  name: 'releaseBrake',

  async authorize(change, caller, input) {
    // Before the realm is locked: a review locks its keys and then comes to the brake.
    const keyIds = await lockWaitingKeys(change, input.brakeId);
    const brake = await lockBrakeForCaller(change, caller, input);
    return isFailure(brake) ? brake : { brake, keyIds };
  },

  async run({ tx, record, now }, caller, { upTo, reason = null }, { brake, keyIds }) {
    const ended = refuseEnded(brake);
    if (ended !== null) return ended;
    if (upTo != null && upTo < 1) throw badUserInput(`upTo: found ${upTo}; let at least 1 through.`, ['input', 'upTo']);
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
 * Drops what waits behind a brake, and sets its cause to SHADOW: computed and shown, changing nothing. A binding that is no
 * longer what the brake was engaged for stays as it is.
 */
export const cancelBrake = useCase<EndBrakeInput, Brake, BrakeEnd, BindingCore>({
  name: 'cancelBrake',

  authorize: (change, caller, input) => lockBrakeForCaller(change, caller, input),

  async run(change, caller, { reason = null }, brake) {
    const ended = refuseEnded(brake);
    if (ended !== null) return ended;
    const { tx } = change;
    const at = change.now();
    const { count: dropped } = await tx.waitingStop.deleteMany({ where: { brakeId: brake.id } });
    await tx.brake.update({ where: { id: brake.id }, data: { state: 'CANCELLED', endedAt: at } });
    const isInForce = await isCauseInForce(change, brake, at);
    if (isInForce) {
      await tx.binding.update({
        where: { id: brake.bindingId },
        data: {
          mode: 'SHADOW',
          // Also of what is only announced, and of what was in force until then.
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

/** Whether what a brake was engaged for is in force. */
async function isCauseInForce({ tx }: Change, { bindingId, revision }: Brake, now: Date): Promise<boolean> {
  const binding = await tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
  return revisionsOf(binding, now).some((one) => one.counts && one.revision === revision);
}

/** A brake, and the keys behind it, which are locked. */
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

/** Why a brake cannot be ended; null: it can. Who repeats the request that ended it is not asked. */
function refuseEnded({ state }: Brake): Failure<'BrakeNotFound'> | null {
  return state === 'ENGAGED' ? null : notFound(`This brake is ${state.toLowerCase()} already.`);
}

function notFound(found: string): Failure<'BrakeNotFound'> {
  return fail('BrakeNotFound', found, { path: ['input', 'brakeId'] });
}
