import { keepStop, type Promised } from '../domain/keep-notice.ts';
import { earliest, hasCome } from '../domain/key.ts';
import { settle } from '../domain/life.ts';
import { nextReviewAt } from '../domain/next-review.ts';
import { renewalInfo } from '../domain/renewal-info.ts';
import type { PendingRotation } from '../domain/rotation.ts';
import type { Standing } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Policies } from '../policies/policies.ts';
import type { Core } from '../store/core.ts';
import type { RequestFacts } from '../policies/contract.ts';
import { knownKey } from '../policies/facts.ts';
import { judge, type Judged } from '../policies/judge.ts';
import type { Subject } from '../policies/subject.ts';
import { recall } from '../policies/recall.ts';
import { readJudgement, type StoredJudgement } from '../policies/judgement.ts';
import { findNearer } from '../policies/nearer.ts';
import { promisedBy } from '../policies/promised.ts';
import { reportAlone } from '../policies/report.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { ownerIdOf, recordedRotation, scopesOf, type StoredKey } from './stored-key.ts';

/** What changes that ask policy stand on. */
export type JudgingCore = Core & { readonly policies: Policies };

/** What reviews stand on: they give notice too. */
export type ReviewingCore = JudgingCore & { readonly channels: readonly NoticeChannel[] };

/** What policy is told of a key that is stored, or of it as it would be. */
export function subjectFor(key: StoredKey): Subject {
  return {
    known: knownKey({ ...key, scopes: scopesOf(key) }),
    ownerId: ownerIdOf(key),
    realmId: key.realmId,
    promised: promisedOf(key),
    earlier: readJudgement(key.judgement),
  };
}

/** What a key's row promises. */
export function promisedOf(key: StoredKey): Promised {
  const isHeldByPolicy = key.holds.some(({ source }) => source === 'POLICY');
  return promisedBy({ ...key, isHeldByPolicy }, key.realm, readJudgement(key.judgement));
}

/** Asks policy about one key within a change, after which it is written down which bindings failed. */
export async function judgeKey(
  change: Change<JudgingCore>,
  subject: Subject,
  now: Date,
  request: RequestFacts | null = null,
): Promise<Judged> {
  const { core, tx } = change;
  const { judged, reports } = await judge(core.policies, tx, [subject], now, request);
  // Of its own: who changes bindings waits for what this change has locked, and has locked what the reports are written to.
  change.afterwards(() => reportAlone(core, reports));
  const [only] = judged;
  if (only === undefined) throw new Error('a key of which nobody said anything');
  return only;
}

/** A life as policy has judged it: what its row records of it. */
export interface JudgedLife {
  readonly id: string;
  readonly grantedAt: Date;
  readonly activeAt: Date;
  readonly chosenExpiresAt: Date | null;
  readonly renewedAt?: Date | null;
  readonly renewalDueAt?: Date | null;
  readonly tokenRuleId?: string | null;
  readonly standing: Standing;
  readonly rotation: Omit<PendingRotation, 'movedAt'> | null;
}

/** The columns of a key that follow from a verdict. */
export function columnsOf(life: JudgedLife, { verdict, isUnasked }: Judged, now: Date) {
  const settled = settle(life.chosenExpiresAt, verdict);
  const alive = { ...life, ...settled, expiredAt: null, revokedAt: null, isHeld: false };
  const { isAllowed, suggestedAt } = renewalInfo(alive, verdict, now);
  const renewalDueAt = isAllowed ? suggestedAt : null;
  const reviewAt = lookAgainAt(nextReviewAt(life, verdict, now), renewalDueAt, now);
  return { ...settled, renewalDueAt, reviewAt: isUnasked ? now : reviewAt };
}

/**
 * A key is looked at again when a renewal would be due: it may have been used since, and by then policy may want another way to
 * renew it.
 */
export function lookAgainAt(reviewAt: Date | null, renewalDueAt: Date | null, now: Date): Date | null {
  return hasCome(renewalDueAt, now) ? reviewAt : earliest(reviewAt, renewalDueAt);
}

/**
 * Asks policy about a key as it is to be, within a person's or program's own change of it, and stores what it says. Of
 * itself such a change brings no stop nearer (law 4): what policy would is left to a review, at once, under the brake.
 */
export async function rejudge(change: Change<JudgingCore>, key: StoredKey, now: Date) {
  const { columns, judgement } = await judgeLife(change, key, now, { isOver: false });
  if (judgement !== null) await storeJudgements(change.tx, [{ keyId: key.id, judgement }], now);
  return { columns };
}

/**
 * The same of a key whose current secret is another one from now on: how it is best renewed may hang on that. No stop moves by
 * it (law 4): where policy has another one in mind, or the key is held, a review is due at once.
 */
export async function adviseAnew(
  change: Change<JudgingCore>,
  key: StoredKey,
  now: Date,
): Promise<{ readonly renewalDueAt?: Date | null; readonly reviewAt: Date | null }> {
  if (key.holds.length > 0) return { reviewAt: now };
  const { columns, judgement } = await judgeLife(change, key, now, { isOver: false });
  if (judgement === null) return { reviewAt: now };
  await storeJudgements(change.tx, [{ keyId: key.id, judgement }], now);
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
export async function judgeLife(
  change: Change<JudgingCore>,
  key: StoredKey,
  now: Date,
  { isOver }: { readonly isOver: boolean },
) {
  const known = subjectFor(key);
  const subject = isOver ? { ...known, promised: 'NEW' as const } : known;
  const judged = await judgeKey(change, subject, now);
  const life = { ...key, rotation: recordedRotation(key)?.pending ?? null };
  const asSaid = columnsOf(life, judged, now);
  if (isOver) return { columns: asSaid, verdict: judged.verdict, judgement: judged.judgement };
  const kept = columnsOf(life, { ...judged, verdict: keepStop(judged.verdict, promisedOf(key)) }, now);
  const isKept = asSaid.stopsAt?.getTime() === kept.stopsAt?.getTime() && asSaid.stopsBasis === kept.stopsBasis;
  const { judgement } = judged;
  if (isKept && findNearer({ realm: key.realm, key, judgement, earlier: subject.earlier }) === null) {
    return { columns: asSaid, verdict: judged.verdict, judgement };
  }
  const verdict = keepStop(recall(key.realm, subject.earlier), promisedOf(key));
  return { columns: { ...columnsOf(life, { ...judged, verdict }, now), reviewAt: now }, verdict, judgement: null };
}

/** Stores what bindings said of keys. */
export async function storeJudgements(
  tx: Change['tx'],
  judgements: readonly { readonly keyId: string; readonly judgement: StoredJudgement }[],
  now: Date,
): Promise<void> {
  const rows = judgements.map(({ keyId, judgement }) => ({ keyId, verdicts: judgement }));
  await tx.$executeRaw`
    INSERT INTO "Judgement" ("keyId", verdicts, "judgedAt")
    SELECT r."keyId", r.verdicts, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("keyId" text, verdicts jsonb)
    ON CONFLICT ("keyId") DO UPDATE SET verdicts = excluded.verdicts, "judgedAt" = excluded."judgedAt"`;
}
