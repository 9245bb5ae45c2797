import { preserveStop, type StopPromise } from '../domain/apply-notice.ts';
import { earliest, hasCome } from '../domain/key.ts';
import { decideStop } from '../domain/life.ts';
import { nextReviewAt } from '../domain/next-review.ts';
import { adviseRenewal } from '../domain/renewal-advice.ts';
import type { OpenRotation } from '../domain/rotation.ts';
import type { DormancyState } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Policies } from '../policies/policies.ts';
import type { Core } from '../store/core.ts';
import type { RequestFacts } from '../policies/contract.ts';
import { knownKeyOf } from '../policies/facts.ts';
import { evaluatePolicies, type EvaluatedKey } from '../policies/evaluate-policies.ts';
import type { EvaluationInput } from '../policies/evaluation-input.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts, serializeVerdicts, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { findShortening } from '../policies/shortening.ts';
import { stopPromiseOf } from '../policies/stop-promise.ts';
import { commitReports } from '../policies/write-reports.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { ownerIdOf, recordedRotation, scopesOf, type KeyRow } from './key-row.ts';

/** What changes that ask policy stand on. */
export type PolicyCore = Core & { readonly policies: Policies };

/** What reviews stand on: they give notice too. */
export type ReviewCore = PolicyCore & { readonly channels: readonly NoticeChannel[] };

/** What policy is told of a key that is stored, or of it as it would be. */
export function evaluationInputOf(key: KeyRow): EvaluationInput {
  return {
    known: knownKeyOf({ ...key, scopes: scopesOf(key) }),
    ownerId: ownerIdOf(key),
    realmId: key.realmId,
    promise: keyStopPromiseOf(key),
    previous: parseStoredVerdicts(key.judgement),
  };
}

/** What a key's row promises. */
export function keyStopPromiseOf(key: KeyRow): StopPromise {
  const isHeldByPolicy = key.holds.some(({ source }) => source === 'POLICY');
  return stopPromiseOf({ ...key, isHeldByPolicy }, key.realm, parseStoredVerdicts(key.judgement));
}

/** Asks policy about one key within a change, after which it is written down which bindings failed. */
export async function evaluateKey(
  change: Change<PolicyCore>,
  subject: EvaluationInput,
  now: Date,
  request: RequestFacts | null = null,
): Promise<EvaluatedKey> {
  const { core, tx } = change;
  const { judged, reports } = await evaluatePolicies(core.policies, tx, [subject], now, request);
  // Of its own: who changes bindings waits for what this change has locked, and has locked what the reports are written to.
  change.afterCommit(() => commitReports(core, reports));
  const [only] = judged;
  if (only === undefined) throw new Error('a key of which nobody said anything');
  return only;
}

/** A life as policy has judged it: what its row records of it. */
export interface KeyLife {
  readonly id: string;
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly renewedAt?: Date | null;
  readonly renewalDueAt?: Date | null;
  readonly tokenRuleId?: string | null;
  readonly standing: DormancyState;
  readonly rotation: Omit<OpenRotation, 'movedAt'> | null;
}

/** The columns of a key that follow from a verdict. */
export function verdictColumns(life: KeyLife, { verdict, isIncomplete }: EvaluatedKey, now: Date) {
  const settled = decideStop(life.chosenExpiresAt, verdict);
  const alive = { ...life, ...settled, expiredAt: null, revokedAt: null, isHeld: false };
  const { isAllowed, suggestedAt } = adviseRenewal(alive, verdict, now);
  const renewalDueAt = isAllowed ? suggestedAt : null;
  const reviewAt = earliestReviewAt(nextReviewAt(life, verdict, now), renewalDueAt, now);
  return { ...settled, renewalDueAt, reviewAt: isIncomplete ? now : reviewAt };
}

/**
 * A key is looked at again when a renewal would be due: it may have been used since, and by then policy may want another way to
 * renew it.
 */
export function earliestReviewAt(reviewAt: Date | null, renewalDueAt: Date | null, now: Date): Date | null {
  return hasCome(renewalDueAt, now) ? reviewAt : earliest(reviewAt, renewalDueAt);
}

/**
 * Asks policy about a key as it is to be, within a person's or program's own change of it, and stores what it says. Of
 * itself such a change brings no stop nearer (law 4): what policy would is left to a review, at once, under the brake.
 */
export async function reevaluateKey(change: Change<PolicyCore>, key: KeyRow, now: Date) {
  const { columns, judgement } = await evaluateLife(change, key, now, { isOver: false });
  if (judgement !== null) await storeVerdicts(change.tx, [{ keyId: key.id, judgement }], now);
  return { columns };
}

/**
 * The same of a key whose current secret is another one from now on: how it is best renewed may hang on that. No stop moves by
 * it (law 4): where policy has another one in mind, or the key is held, a review is due at once.
 */
export async function refreshRenewalAdvice(
  change: Change<PolicyCore>,
  key: KeyRow,
  now: Date,
): Promise<{ readonly renewalDueAt?: Date | null; readonly reviewAt: Date | null }> {
  if (key.holds.length > 0) return { reviewAt: now };
  const { columns, judgement } = await evaluateLife(change, key, now, { isOver: false });
  if (judgement === null) return { reviewAt: now };
  await storeVerdicts(change.tx, [{ keyId: key.id, judgement }], now);
  const { stopsAt, stopsBasis, expiresAt, renewalDueAt, reviewAt } = columns;
  const isSame =
    stopsAt?.getTime() === key.stopsAt?.getTime() &&
    expiresAt?.getTime() === key.expiresAt?.getTime() &&
    stopsBasis === key.stopsBasis;
  return { renewalDueAt, reviewAt: isSame ? reviewAt : now };
}

/**
 * What `rejudge` asks, and nothing is stored: what is to be; null where what was said before stays. Of a life that is over nothing is
 * promised any more: a new one is under what policy says now.
 */
export async function evaluateLife(
  change: Change<PolicyCore>,
  key: KeyRow,
  now: Date,
  { isOver }: { readonly isOver: boolean },
) {
  const known = evaluationInputOf(key);
  const subject = isOver ? { ...known, promise: 'NEW' as const } : known;
  const judged = await evaluateKey(change, subject, now);
  const life = { ...key, rotation: recordedRotation(key)?.pending ?? null };
  const asSaid = verdictColumns(life, judged, now);
  if (isOver) return { columns: asSaid, verdict: judged.verdict, judgement: judged.verdicts };
  const kept = verdictColumns(life, { ...judged, verdict: preserveStop(judged.verdict, keyStopPromiseOf(key)) }, now);
  const isKept = asSaid.stopsAt?.getTime() === kept.stopsAt?.getTime() && asSaid.stopsBasis === kept.stopsBasis;
  const { verdicts } = judged;
  if (isKept && findShortening({ realm: key.realm, key, verdicts, previous: subject.previous }) === null) {
    return { columns: asSaid, verdict: judged.verdict, judgement: verdicts };
  }
  const verdict = preserveStop(combineVerdicts(key.realm, subject.previous), keyStopPromiseOf(key));
  return { columns: { ...verdictColumns(life, { ...judged, verdict }, now), reviewAt: now }, verdict, judgement: null };
}

/** Stores what bindings said of keys. */
export async function storeVerdicts(
  tx: Change['tx'],
  judgements: readonly { readonly keyId: string; readonly judgement: StoredVerdicts }[],
  now: Date,
): Promise<void> {
  const rows = judgements.map(({ keyId, judgement }) => ({ keyId, verdicts: serializeVerdicts(judgement) }));
  await tx.$executeRaw`
    INSERT INTO "Judgement" ("keyId", verdicts, "judgedAt")
    SELECT r."keyId", r.verdicts, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("keyId" text, verdicts jsonb)
    ON CONFLICT ("keyId") DO UPDATE SET verdicts = excluded.verdicts, "judgedAt" = excluded."judgedAt"`;
}
