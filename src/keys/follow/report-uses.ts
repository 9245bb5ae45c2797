import type { KeyCaller } from '../../domain/caller.ts';
import { DAY_MS, SECOND_MS } from '../../domain/duration.ts';
import { checkItem, type ItemRefusal, type ReportedItem, type ItemSecret } from '../../domain/reported-use.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { dayOf } from '../../domain/usage-day.ts';
import { change, type Change } from '../../log/change.ts';
import { arrayLiteral } from '../../store/array-literal.ts';
import type { Core } from '../../store/core.ts';
import { mergeBatch, type PendingUse } from '../../verifier/pending-use.ts';
import type { PendingRefusal } from '../pending-refusals.ts';
import { writeRefusals } from '../write-refusals.ts';
import { lockUsedKeys, writeUse } from '../write-use.ts';

/** How far back the first report of a reporter may go. */
const FIRST_REPORT_MS = DAY_MS;

/** By how much the clocks of the nodes that a reporter follows may differ. */
const CLOCK_TOLERANCE_MS = 2 * SECOND_MS;

/** How many reporters a key has at most: processes that reported within the retention of `UseReporter`. */
const REPORTERS_MAX = 10_000;

/** What a verifier in another process has seen up to a moment. */
export interface UseReport {
  /** Which of the processes with the same key reports. */
  readonly reporter: string;
  /** The report has all uses up to this moment, in ms since 1970, unless more reports of that time follow. */
  readonly watermarkMs: number;
  readonly hasMore: boolean;
  readonly items: readonly ReportedItem[];
}

/** What became of a report. */
export interface UseReportAnswer {
  /** The newest watermark that is stored. */
  readonly watermarkMs: number;
  /** The report, or a later one, had been received before: nothing was counted. */
  readonly isRepeat: boolean;
  readonly acceptedCount: number;
  readonly refused: readonly { readonly index: number; readonly code: ItemRefusal }[];
}

/**
 * Counts uses and refusals that a verifier in another process has seen, for keys of the caller's realm. Each watermark of a reporter
 * counts once: the report and its watermark commit together. The caller has the permission key.follow.
 *
 * @throws BAD_USER_INPUT if the watermark lies in the future, or the key has too many reporters.
 */
export function countReportedUses(core: Core, caller: KeyCaller, report: UseReport): Promise<UseReportAnswer> {
  const { watermarkMs, hasMore, items } = report;
  return change(core, async (change) => {
    const reporter = await lockReporter(change, caller, report);
    const nowMs = change.now().getTime();
    const toMs = nowMs + CLOCK_TOLERANCE_MS;
    if (watermarkMs > toMs)
      throw badUserInput(`watermark: found ${watermarkMs}; expected at most ${nowMs}, which is now.`);
    const storedMs = Number(reporter.watermark);
    if (watermarkMs <= storedMs) return { watermarkMs: storedMs, isRepeat: true, acceptedCount: 0, refused: [] };
    const fromMs = Math.max(Number(reporter.completeTo), reporter.isNew ? nowMs - FIRST_REPORT_MS : 0);
    const secrets = await loadSecrets(change, caller, items);
    const refused: { index: number; code: ItemRefusal }[] = [];
    const accepted: (PendingRefusal | (PendingUse & { readonly outcome: 'VALID' }))[] = [];
    for (const [index, item] of items.entries()) {
      const secret = secrets.get(`${item.keyId} ${item.generation}`);
      const checked = item.keyId === caller.id ? 'OWN_KEY' : checkItem(item, secret, { fromMs, toMs });
      if (typeof checked === 'string') refused.push({ index, code: checked });
      else if (secret !== undefined) accepted.push(toPending(checked, secret));
    }
    await writeAccepted(change, accepted);
    const completeTo = hasMore ? reporter.completeTo : BigInt(watermarkMs);
    await change.tx.useReporter.update({
      where: { keyId_reporter: { keyId: caller.id, reporter: report.reporter } },
      data: { watermark: BigInt(watermarkMs), completeTo, reportedAt: change.now() },
    });
    return { watermarkMs, isRepeat: false, acceptedCount: accepted.length, refused };
  });
}

interface LockedReporter {
  readonly watermark: bigint;
  readonly completeTo: bigint;
  readonly isNew: boolean;
}

async function lockReporter(
  change: Change,
  { id: keyId }: KeyCaller,
  { reporter }: UseReport,
): Promise<LockedReporter> {
  const { tx } = change;
  const row = { keyId, reporter, watermark: 0n, completeTo: 0n, reportedAt: change.now() };
  const { count } = await tx.useReporter.createMany({ data: [row], skipDuplicates: true });
  if (count > 0 && (await tx.useReporter.count({ where: { keyId } })) > REPORTERS_MAX) {
    throw badUserInput(`reporter: found a new one; at most ${REPORTERS_MAX} of a key are accepted in a week.`);
  }
  const [found] = await tx.$queryRaw<Omit<LockedReporter, 'isNew'>[]>`
    SELECT watermark, "completeTo" FROM "UseReporter" WHERE "keyId" = ${keyId} AND reporter = ${reporter} FOR UPDATE`;
  return { ...(found ?? row), isNew: found?.completeTo === 0n };
}

type KnownSecret = ItemSecret & { readonly secretId: string; readonly heldByPolicy: boolean };

/** Locks the keys of items, and reads the reported secrets of the caller's realm, by key and generation. */
async function loadSecrets(
  change: Change,
  { realmId }: KeyCaller,
  items: readonly ReportedItem[],
): Promise<ReadonlyMap<string, KnownSecret>> {
  const ids = [...new Set(items.map(({ keyId }) => keyId))];
  const inRealm = await change.tx.key.findMany({ where: { id: { in: ids }, realmId }, select: { id: true } });
  const keyIds = inRealm.map(({ id }) => id);
  await lockUsedKeys(change, keyIds);
  const rows = await change.tx.$queryRaw<(KnownSecret & { keyId: string; generation: number })[]>`
    SELECT s.id AS "secretId", s."keyId", s.generation, s."createdAt", s."retiresAt", k."revokedAt", k."expiredAt",
           k."expiresAt", k."expiryBasis"::text AS "expiryBasis",
           (SELECT min(h.since) FROM "Hold" h WHERE h."keyId" = k.id) AS "heldSince",
           NOT EXISTS (SELECT FROM "Hold" h WHERE h."keyId" = k.id AND h.source <> 'POLICY') AS "heldByPolicy"
    FROM "Key" k JOIN "Secret" s ON s."keyId" = k.id
    WHERE k.id = ANY(${arrayLiteral(keyIds)}::text[])
      AND s.generation = ANY(${arrayLiteral([...new Set(items.map(({ generation }) => generation))])}::int[])`;
  return new Map(rows.map((row) => [`${row.keyId} ${row.generation}`, row]));
}

function toPending(
  { keyId, consumer, outcome, firstMs, lastMs, count }: ReportedItem,
  { secretId, heldByPolicy, heldSince }: KnownSecret,
): PendingRefusal | (PendingUse & { readonly outcome: 'VALID' }) {
  const use = { secretId, keyId, consumer, day: dayOf(firstMs), firstMs, lastMs, useCount: count };
  if (outcome === 'VALID') return { ...use, outcome };
  return { ...use, outcome, heldByPolicy: outcome === 'KEY_HELD' && heldSince !== null && heldByPolicy };
}

/** Writes uses and refusals day by day, from the earliest on, so that the reports of two nodes cannot deadlock. */
async function writeAccepted(
  change: Change,
  accepted: readonly (PendingRefusal | (PendingUse & { readonly outcome: 'VALID' }))[],
): Promise<void> {
  const uses = accepted.filter((use) => use.outcome === 'VALID');
  for (const ofDay of groupByDay(mergeBatch(uses))) await writeUse(change, ofDay);
  const refusals = accepted.filter((use) => use.outcome !== 'VALID');
  for (const ofDay of groupByDay(refusals)) await writeRefusals(change, ofDay);
}

function groupByDay<Use extends { readonly day: number }>(uses: readonly Use[]): readonly Use[][] {
  const days = [...Map.groupBy(uses, ({ day }) => day)];
  return days.toSorted(([one], [other]) => one - other).map(([, ofDay]) => ofDay);
}
