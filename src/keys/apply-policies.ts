import type { Prisma } from '../../prisma/generated/client/client.ts';
import { preserveStop, type StopPromise } from '../domain/apply-notice.ts';
import { earliest, hasCome, type KeyLifecycle } from '../domain/key.ts';
import { decideStop } from '../domain/life.ts';
import { nextReviewAt } from '../domain/next-review.ts';
import { adviseRenewal, type RenewableKey } from '../domain/renewal-advice.ts';
import type { OpenRotation } from '../domain/rotation.ts';
import type { DormancyState } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Policies } from '../policies/policies.ts';
import type { Core } from '../store/core.ts';
import { knownKeyOf, type KnownKey } from '../policies/facts.ts';
import { evaluatePolicies } from '../policies/evaluate-policies.ts';
import type { EvaluatedKey } from '../policies/evaluated-key.ts';
import type { EvaluationInput } from '../policies/evaluation-input.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { judgementRow, parseStoredVerdicts, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { findShortening } from '../policies/shortening.ts';
import { stopPromiseOf } from '../policies/stop-promise.ts';
import { commitReports } from '../policies/write-reports.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { warningColumns } from './warning-columns.ts';
import { ownerIdOf, recordedRotation, scopesOf, type KeyRow } from './key-row.ts';

/** The core of changes that evaluate policies. */
export type PolicyCore = Core & { readonly policies: Policies };

/** The core of reviews, which also send notices. */
export type ReviewCore = PolicyCore & { readonly channels: readonly NoticeChannel[] };

/** The facts of rows that were read: a row is not changed. */
const knownKeys = new WeakMap<KeyRow, KnownKey>();

/** Returns the input with which policies evaluate a key row, stored or as a change would leave it. */
export function evaluationInputOf(key: KeyRow): EvaluationInput {
  const known = knownKeys.get(key) ?? knownKeyOf({ ...key, scopes: scopesOf(key) });
  knownKeys.set(key, known);
  return {
    known,
    ownerId: ownerIdOf(key),
    realmId: key.realmId,
    promise: keyStopPromiseOf(key),
    previous: parseStoredVerdicts(key.judgement),
    isWarned: key.warnings !== null,
  };
}

/** Returns the stop that a key's row promises: policies may not shorten it to less than the notice period. */
export function keyStopPromiseOf(key: KeyRow): StopPromise {
  const isHeldByPolicy = key.holds.some(({ source }) => source === 'POLICY');
  return stopPromiseOf({ ...key, isHeldByPolicy }, key.realm, parseStoredVerdicts(key.judgement));
}

/**
 * Evaluates the policies of some keys within a change, in the order of the inputs. Failures of bindings are recorded
 * after the change has committed, in a transaction of their own.
 */
export async function evaluateKeyList(
  change: Change<PolicyCore>,
  inputs: readonly EvaluationInput[],
  now: Date,
): Promise<readonly EvaluatedKey[]> {
  const { core, tx } = change;
  const { evaluated, reports } = await evaluatePolicies(core, tx, inputs, now);
  // Not in this change: a change of a binding may hold the lock that the reports need while it waits for this change
  // (deadlock).
  change.afterCommit(() => commitReports(core, reports));
  return evaluated;
}

/** Evaluates the policies of one key within a change, as `evaluateKeyList` does. */
export async function evaluateKey(
  change: Change<PolicyCore>,
  input: EvaluationInput,
  now: Date,
): Promise<EvaluatedKey> {
  const [only] = await evaluateKeyList(change, [input], now);
  if (only === undefined) throw new Error('the evaluation returned no result for the key');
  return only;
}

/** The facts of a key from which, together with a verdict, some of its columns follow. */
export interface KeyLife extends Omit<RenewableKey, keyof KeyLifecycle> {
  readonly standing: DormancyState;
  readonly rotation: Omit<OpenRotation, 'movedAt'> | null;
}

/**
 * Returns the columns of a key that follow from a verdict. A key whose evaluation is incomplete is due for review at
 * once.
 */
export function verdictColumns(life: KeyLife, { verdict, isIncomplete }: EvaluatedKey, now: Date) {
  const settled = decideStop(life.chosenExpiresAt, verdict);
  const alive = { ...life, ...settled, expiredAt: null, revokedAt: null, isHeld: false };
  const { isAllowed, suggestedAt } = adviseRenewal(alive, verdict, now);
  const renewalDueAt = isAllowed ? suggestedAt : null;
  const reviewAt = earliestReviewAt(nextReviewAt(life, verdict, now), renewalDueAt, now);
  return { ...settled, renewalDueAt, reviewAt: isIncomplete ? now : reviewAt };
}

/**
 * Returns when a key is to be reviewed: at `reviewAt`, or when its renewal becomes due if that is earlier. The key may
 * have been used in between, and policy may then require another mode of renewal.
 */
export function earliestReviewAt(reviewAt: Date | null, renewalDueAt: Date | null, now: Date): Date | null {
  return hasCome(renewalDueAt, now) ? reviewAt : earliest(reviewAt, renewalDueAt);
}

/**
 * Evaluates a key as a person's or program's change leaves it, stores the verdicts and returns the key's columns. Such
 * a change shortens no stop by itself (law 4): if policy would shorten one, the stop stays and a review under the brake
 * is due at once.
 */
export async function reevaluateKey(change: Change<PolicyCore>, key: KeyRow, now: Date) {
  const { columns, verdicts } = await evaluateLife(change, key, now, { isOver: false });
  if (verdicts !== null) storeVerdicts(change, [{ keyId: key.id, verdicts }], now);
  return { columns };
}

/**
 * Evaluates a key whose current secret changes, because the renewal advice may depend on the secret's age. Returns the
 * columns to write. No stop moves (law 4): if policy would decide another stop, or the key is held, a review is due at
 * once.
 */
export async function refreshRenewalAdvice(
  change: Change<PolicyCore>,
  key: KeyRow,
  now: Date,
): Promise<{
  readonly renewalDueAt?: Date | null;
  readonly reviewAt: Date | null;
  readonly warnings?: Prisma.JsonValue;
}> {
  if (key.holds.length > 0) return { reviewAt: now };
  const { columns, verdicts } = await evaluateLife(change, key, now, { isOver: false });
  if (verdicts === null) return { reviewAt: now };
  storeVerdicts(change, [{ keyId: key.id, verdicts }], now);
  const { stopsAt, stopsBasis, expiresAt, renewalDueAt, reviewAt, warnings } = columns;
  const isSame =
    stopsAt?.getTime() === key.stopsAt?.getTime() &&
    expiresAt?.getTime() === key.expiresAt?.getTime() &&
    stopsBasis === key.stopsBasis;
  return { renewalDueAt, reviewAt: isSame ? reviewAt : now, ...(warnings !== undefined && { warnings }) };
}

/**
 * Evaluates a key as a change leaves it, without storing anything. Returns its columns and the verdicts to store; null:
 * the stored verdicts stay, because the new ones would shorten the stop. `isOver`: the key has expired and starts a new
 * life. It has no promised stop then, and the new verdicts apply as they are.
 */
export async function evaluateLife(
  change: Change<PolicyCore>,
  key: KeyRow,
  now: Date,
  { isOver }: { readonly isOver: boolean },
) {
  const stored = evaluationInputOf(key);
  const input = isOver ? { ...stored, promise: 'NEW' as const } : stored;
  const evaluated = await evaluateKey(change, input, now);
  const life = { ...key, rotation: recordedRotation(key)?.pending ?? null };
  const asEvaluated = verdictColumns(life, evaluated, now);
  const columns = { ...asEvaluated, ...(await warningColumns(change, key, evaluated.verdicts, now)) };
  if (isOver) return { columns, verdict: evaluated.verdict, verdicts: evaluated.verdicts };
  const preserved = verdictColumns(
    life,
    { ...evaluated, verdict: preserveStop(evaluated.verdict, keyStopPromiseOf(key)) },
    now,
  );
  const isPreserved =
    asEvaluated.stopsAt?.getTime() === preserved.stopsAt?.getTime() && asEvaluated.stopsBasis === preserved.stopsBasis;
  const { verdicts } = evaluated;
  if (isPreserved && findShortening({ realm: key.realm, key, verdicts, previous: input.previous }) === null) {
    return { columns, verdict: evaluated.verdict, verdicts };
  }
  const verdict = preserveStop(combineVerdicts(key.realm, input.previous), keyStopPromiseOf(key));
  return {
    columns: { ...verdictColumns(life, { ...evaluated, verdict }, now), reviewAt: now },
    verdict,
    verdicts: null,
  };
}

/** Stores the verdicts of all bindings on some keys. */
export function storeVerdicts(
  { core, rows }: Change,
  verdictsByKey: readonly { readonly keyId: string; readonly verdicts: StoredVerdicts }[],
  now: Date,
): void {
  const judged = verdictsByKey.map(({ keyId, verdicts }) => judgementRow(core, keyId, verdicts, now));
  rows.upsert('Judgement', 'keyId', ...judged);
}
