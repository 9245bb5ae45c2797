import type { Caller } from '../domain/caller.ts';
import { openAskedAt, type AskedRotation } from '../domain/asked-rotation.ts';
import { formatDuration } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { adviseRenewal, EXCHANGED_REASON, isTokenExchanged } from '../domain/renewal-advice.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { earliestReviewAt } from './apply-policies.ts';
import { eventSubjectOf, lifelineOf } from './key-row.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';

export interface AskRotationInput {
  readonly keyId: string;
  readonly reason: string;
  /** The grace period of the rotation if the program that rotates names none. Null: the default of rotations. */
  readonly gracePeriodMs: number | null;
}

/** The columns of a key about the rotation that a person requested. */
export type AskedColumns = AskedRotation & Pick<LockedKey, 'rotationAskedGraceMs'>;

/** The result: when the rotation was requested. An earlier request that was still open is replaced. */
export type RotationAsked = {
  readonly keyId: string;
  readonly askedAt: Date;
  /** When the replaced request was made. Null: there was none. */
  readonly replacedAskedAt: Date | null;
  /** Its grace period in milliseconds, as text. */
  readonly replacedGraceMs: string | null;
};

/**
 * Asks that the secret of a key be replaced: the renewal information advises ROTATE, due now, until the secret is
 * replaced. Nothing stops, and no renewal is refused. Policies are not evaluated: the advice is derived from their stored
 * verdicts.
 */
export const askRotation = useCase<AskRotationInput, LockedKey, RotationAsked>()({
  name: 'askRotation',

  authorize: (change, caller: Caller, { keyId }) => lockKeyForCaller(change, caller, keyId, 'ROTATE'),

  async run(change, caller, { reason, gracePeriodMs }, key) {
    const { id: keyId, now, rotationAskedGraceMs } = key;
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (isTokenExchanged(key)) return fail('RenewalNotAllowed', EXCHANGED_REASON, { details: { allowedAt: null } });
    await writeAsked(change, key, {
      rotationAskedAt: now,
      rotationAskedGraceMs: gracePeriodMs === null ? null : BigInt(gracePeriodMs),
      rotationAnsweredAt: null,
    });
    const data = { gracePeriod: gracePeriodMs === null ? null : formatDuration(gracePeriodMs) };
    change.record({
      type: 'KEY_ROTATION_ASKED',
      at: now,
      ...eventSubjectOf(key),
      actor: actorOf(caller),
      reason,
      data,
    });
    const replacedAskedAt = openAskedAt(key);
    const replacedGraceMs = replacedAskedAt === null ? null : (rotationAskedGraceMs?.toString() ?? null);
    return { keyId, askedAt: now, replacedAskedAt, replacedGraceMs };
  },
});

export interface WithdrawRotationInput {
  readonly keyId: string;
  readonly reason: string;
  /** The request: when it was made, and the earlier one, which counts again. Null: the operation did not record it. */
  readonly request: { readonly askedAt: Date; readonly previous: AskedColumns } | null;
}

/** Says that a request stays which an operation of an earlier release has made. */
const requestStays = (askedAt: Date) =>
  fail(
    'OperationStateMismatch',
    `An earlier release ran the operation and did not record its request, so the rotation that was requested on ${askedAt.toISOString().slice(0, 10)} stays due.`,
    { remedy: 'Rotate the key.' },
  );

/**
 * Withdraws the request of an operation that a secret be replaced: an earlier request counts again. A key whose secret was
 * replaced since, or for which a rotation was requested again, does not change. An open request that may be the operation's, because
 * the operation did not record it, is a failure: OperationStateMismatch.
 */
export const withdrawRotation = useCase<WithdrawRotationInput, LockedKey, { readonly keyId: string }>()({
  name: 'undoOperation',

  authorize: (change, caller: Caller, { keyId }) => lockKeyForCaller(change, caller, keyId, 'ROTATE'),

  async run(change, caller, { reason, request }, key) {
    const { id: keyId, now } = key;
    const openAt = openAskedAt(key);
    if (openAt === null) return { keyId };
    if (request === null) return requestStays(openAt);
    const { askedAt, previous } = request;
    if (openAt.getTime() !== askedAt.getTime()) return { keyId };
    if (hasEnded(key)) return keyNotActive(caller, key);
    await writeAsked(change, { ...key, renewalDueAt: null }, previous);
    const stillAskedAt = openAskedAt(previous)?.toISOString() ?? null;
    change.record({
      type: 'KEY_ROTATION_WITHDRAWN',
      at: now,
      ...eventSubjectOf(key),
      actor: actorOf(caller),
      reason,
      data: { askedAt: askedAt.toISOString(), stillAskedAt },
    });
    return { keyId };
  },
});

/** Writes the requested rotation of a key, and when its renewal is due then. */
async function writeAsked({ tx }: Change, key: LockedKey, asked: AskedColumns): Promise<void> {
  const verdict = combineVerdicts(key.realm, parseStoredVerdicts(key.judgement));
  const advised = { ...key, ...lifelineOf(key), ...asked, isHeld: false };
  const { isAllowed, suggestedAt } = adviseRenewal(advised, verdict, key.now);
  const renewalDueAt = isAllowed ? suggestedAt : null;
  const reviewAt = earliestReviewAt(key.reviewAt, renewalDueAt, key.now);
  await tx.key.update({ where: { id: key.id }, data: { ...asked, renewalDueAt, reviewAt }, select: { id: true } });
}
