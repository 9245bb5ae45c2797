import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { EventBase } from '../domain/event-detail.ts';
import { hasCome, addMs } from '../domain/key.ts';
import { change as inChange, type Change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { loadRevisions } from './load-revisions.ts';
import type { EvaluationReport } from './evaluated-key.ts';
import {
  findModuleFault,
  FAILED_KEYS_MAX,
  knownFault,
  filterStillSelected,
  workingColumns,
  type KnownFault,
} from './known-fault.ts';
import { lockRealms } from './lock-realm.ts';
import { startSweep } from './start-sweep.ts';

/**
 * The back-off after a binding failed, for some keys or as a whole. It grows from `FIRST_RETRY_MS` to
 * `LONGEST_RETRY_MS`.
 */
const FIRST_RETRY_MS = MINUTE_MS;
const LONGEST_RETRY_MS = HOUR_MS;

/** The age at which a binding's stored bounds are written again. */
const BOUNDS_AGE_MS = HOUR_MS;

const LAST_BOUNDS = {
  code: 'LAST_BOUNDS',
  sentence: 'The policy cannot be evaluated. These are the bounds that it last gave.',
};

/** Stored bounds serve all keys, so that everything about the renewal of a single key is neutral in them. */
const NEUTRAL_RENEWAL = {
  allowedAt: null,
  mode: 'EXTEND',
  window: null,
  graceExtension: null,
  retiresWhenMoved: null,
  reason: LAST_BOUNDS,
} as const;

/**
 * Stores which bindings failed and which work again, with one event for each change. Also stores the bounds that their
 * policies last returned.
 */
export async function writeReports(change: Change, reports: readonly EvaluationReport[], now: Date): Promise<void> {
  const changes = reports.filter((report) => mayChangeHealth(report, now));
  await lockRealms(
    change.tx,
    changes.map(({ binding }) => binding.realmId),
  );
  const inOrder = reports.toSorted((a, b) => (a.binding.id < b.binding.id ? -1 : 1));
  for (const report of inOrder) {
    if (changes.includes(report)) await writeHealth(change, report, now);
    if (areBoundsDue(report, now)) await writeBounds(change, report, now);
  }
}

/**
 * Writes reports in a transaction of their own. A report that cannot be written now is found again at the next evaluation.
 */
export async function commitReports(core: Core, reports: readonly EvaluationReport[]): Promise<void> {
  const now = core.clock.now();
  const due = reports.filter((report) => mayChangeHealth(report, now) || areBoundsDue(report, now));
  if (due.length > 0) await inChange(core, (change) => writeReports(change, due, change.now()));
}

/** Whether a report may change the stored health of a binding. A report after the end of the back-off always may. */
export function mayChangeHealth({ binding, failedKeys, answeredKeyIds }: EvaluationReport, now: Date): boolean {
  const known = knownFault(binding);
  if (known === null) return failedKeys.length > 0;
  if (hasCome(binding.retryAt, now)) return true;
  const isNew = failedKeys.some(({ keyId }) => known.keyIds.length < FAILED_KEYS_MAX && !known.keyIds.includes(keyId));
  const isWorse = !known.isResting && findModuleFault(failedKeys, answeredKeyIds.size) !== null;
  return isNew || isWorse || known.keyIds.some((keyId) => answeredKeyIds.has(keyId));
}

/** Marks a BROKEN binding as working. Called when no key is left for which the binding failed. */
export async function markWorking(change: Change, { id, realmId, revision }: Binding, now: Date): Promise<void> {
  await lockRealms(change.tx, [realmId]);
  const binding = await change.tx.binding.findUnique({ where: { id, revision, health: 'BROKEN', unboundAt: null } });
  if (binding !== null && hasCome(binding.retryAt, now)) await writeWorking(change, binding, now);
}

async function writeHealth(change: Change, report: EvaluationReport, now: Date): Promise<void> {
  const { tx } = change;
  const { id, revision } = report.binding;
  const binding = await tx.binding.findUnique({ where: { id, revision, unboundAt: null } });
  const known = binding && knownFault(binding);
  if (binding === null) return;
  if (known !== null && (await isOfOtherRevision(tx, binding, known, report, now))) return;
  const unanswered = known?.keyIds.filter((keyId) => !report.answeredKeyIds.has(keyId)) ?? [];
  const left = known === null ? [] : await filterStillSelected(tx, binding, known.revision, unanswered, now);
  const keyIds = [...new Set([...report.failedKeys.map(({ keyId }) => keyId), ...left])];
  const [keyId] = keyIds;
  if (keyId !== undefined) await writeFault(change, binding, nextFault(report, known, keyIds, keyId), now);
  else if (known !== null) await writeWorking(change, binding, now);
}

/** Whether the known fault is that of another revision that is still evaluated. Then this report says nothing about it. */
async function isOfOtherRevision(
  tx: Change['tx'],
  binding: Binding,
  known: KnownFault,
  { revision }: EvaluationReport,
  now: Date,
): Promise<boolean> {
  if (known.revision === revision) return false;
  return (await loadRevisions(tx, binding, now)).some(({ revision: other }) => other === known.revision);
}

/** Returns the fault to store after a report, with the keys for which the binding fails now. */
function nextFault(
  { revision, failedKeys, answeredKeyIds }: EvaluationReport,
  known: KnownFault | null,
  keyIds: readonly string[],
  keyId: string,
): KnownFault {
  const ofModule = findModuleFault(failedKeys, answeredKeyIds.size);
  const { kind, message } = ofModule ?? failedKeys[0] ?? known ?? { kind: 'MISSING', message: '' };
  const isTruncated = known !== null && known.keyCount > known.keyIds.length;
  return {
    kind,
    message,
    revision,
    keyId,
    keyCount: isTruncated ? Math.max(known.keyCount, keyIds.length) : keyIds.length,
    keyIds: keyIds.slice(0, FAILED_KEYS_MAX),
    isResting: ofModule !== null || (known?.isResting === true && answeredKeyIds.size === 0),
  };
}

async function writeFault(change: Change, binding: Binding, fault: KnownFault, now: Date): Promise<void> {
  const { tx, record } = change;
  const known = knownFault(binding);
  const { brokenAt, retryAt } = binding;
  const waitedMs = brokenAt === null ? 0 : now.getTime() - brokenAt.getTime();
  const next = addMs(now, Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS, waitedMs)));
  const isTried = retryAt === null || hasCome(retryAt, now) || known?.isResting !== fault.isResting;
  // A sweep evaluates the keys that were skipped during the back-off.
  const sweep = known?.isResting === true && !fault.isResting ? await startSweep(change, binding.realmId) : {};
  await tx.binding.update({
    where: { id: binding.id },
    data: {
      health: 'BROKEN',
      brokenAt: brokenAt ?? now,
      fault: fault as unknown as Prisma.InputJsonValue,
      retryAt: isTried ? next : retryAt,
      ...sweep,
    },
  });
  if (known !== null) return;
  const { kind, message, keyCount, keyId, revision } = fault;
  const data = { ...dataOf(binding), kind, message, keyCount, keyId, revision };
  record({ ...eventOf(binding, now), type: 'POLICY_BROKEN', reason: message, data });
}

async function writeWorking(change: Change, binding: Binding, now: Date): Promise<void> {
  const { tx, record } = change;
  // A sweep evaluates the keys that were skipped while the binding was broken.
  const sweep = await startSweep(change, binding.realmId);
  await tx.binding.update({
    where: { id: binding.id },
    data: { ...workingColumns, ...sweep },
  });
  record({ ...eventOf(binding, now), type: 'POLICY_MENDED', reason: null, data: dataOf(binding) });
}

function areBoundsDue({ binding, bounds }: EvaluationReport, now: Date): boolean {
  const last = binding.lastBounds as unknown as { readonly at: number } | null;
  return bounds !== null && (last === null || now.getTime() - last.at >= BOUNDS_AGE_MS);
}

async function writeBounds({ tx }: Change, { binding, bounds }: EvaluationReport, now: Date): Promise<void> {
  if (bounds === null) return;
  const { expiry, renewal } = bounds;
  const lastBounds = {
    at: now.getTime(),
    expiry: expiry && { request: expiry.request, cap: null, reason: LAST_BOUNDS },
    renewal: renewal && { ...NEUTRAL_RENEWAL, isAllowed: renewal.isAllowed, longest: renewal.longest },
    dormancy: null,
  };
  // A concurrent writer writes the same bounds, so that a locked row can be skipped.
  await tx.$executeRaw`
    UPDATE "Binding" SET "lastBounds" = ${JSON.stringify(lastBounds)}::jsonb WHERE id IN (
      SELECT id FROM "Binding" WHERE id = ${binding.id} AND revision = ${binding.revision}
      FOR NO KEY UPDATE SKIP LOCKED)`;
}

function eventOf({ realmId, id, title }: Binding, now: Date): EventBase {
  return { at: now, keyId: null, realmId, ownerId: null, actor: { kind: 'POLICY', id, name: title } };
}

function dataOf({ id, policy, hash, revision }: Binding) {
  return { bindingId: id, policy, hash, revision };
}
