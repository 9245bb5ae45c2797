import { Prisma, type Binding } from '../../prisma/generated/client/client.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { EventDraft } from '../domain/event.ts';
import { hasCome, addMs } from '../domain/key.ts';
import { change as inChange, type Change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { revisionsOf } from './revisions.ts';
import type { EvaluationReport } from './evaluate-policies.ts';
import { findModuleFault, FAILED_KEYS_MAX, knownFault, filterStillSelected, type KnownFault } from './known-fault.ts';
import { lockRealms } from './lock-realms.ts';
import { startSweep } from './start-sweep.ts';

/** How long a binding that failed is left alone, or the keys that it failed: longer each time, up to the second. */
const FIRST_RETRY_MS = MINUTE_MS;
const LONGEST_RETRY_MS = HOUR_MS;

/** How old the bounds that a binding last gave may get before they are written again. */
const BOUNDS_AGE_MS = HOUR_MS;

const LAST_BOUNDS = { code: 'LAST_BOUNDS', sentence: 'The policy cannot be asked: these are the bounds it last gave.' };

/** What is said of a renewal of one key is nothing for another one. */
const NEUTRAL_RENEWAL = {
  allowedAt: null,
  mode: 'EXTEND',
  window: null,
  graceExtension: null,
  retiresWhenMoved: null,
  reason: LAST_BOUNDS,
} as const;

/** Writes down which bindings failed and which work again, each told of once, and the bounds that they last gave. */
export async function writeReports(change: Change, reports: readonly EvaluationReport[], now: Date): Promise<void> {
  const turns = reports.filter((report) => mayChangeHealth(report, now));
  await lockRealms(
    change.tx,
    turns.map(({ binding }) => binding.realmId),
  );
  const inOrder = reports.toSorted((a, b) => (a.binding.id < b.binding.id ? -1 : 1));
  for (const report of inOrder) {
    if (turns.includes(report)) await writeHealth(change, report, now);
    if (areBoundsDue(report, now)) await writeBounds(change, report, now);
  }
}

/**
 * The same, in a change of its own. What cannot be written now is found again when the bindings are asked the next time.
 */
export async function commitReports(core: Core, reports: readonly EvaluationReport[]): Promise<void> {
  const now = core.clock.now();
  const news = reports.filter((report) => mayChangeHealth(report, now) || areBoundsDue(report, now));
  if (news.length > 0) await inChange(core, (change) => writeReports(change, news, change.now()));
}

/** Whether what is known of the health of a binding may change with a report: it was to be tried again, at the least. */
export function mayChangeHealth({ binding, failedKeys, answeredKeyIds }: EvaluationReport, now: Date): boolean {
  const known = knownFault(binding);
  if (known === null) return failedKeys.length > 0;
  if (hasCome(binding.retryAt, now)) return true;
  const isNew = failedKeys.some(({ keyId }) => known.keyIds.length < FAILED_KEYS_MAX && !known.keyIds.includes(keyId));
  const isWorse = !known.isResting && findModuleFault(failedKeys, answeredKeyIds.size) !== null;
  return isNew || isWorse || known.keyIds.some((keyId) => answeredKeyIds.has(keyId));
}

/** Takes a binding for working: of what it failed nothing is left. */
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
  if (binding === null || (known !== null && isOfOtherRevision(binding, known, report, now))) return;
  const unanswered = known?.keyIds.filter((keyId) => !report.answeredKeyIds.has(keyId)) ?? [];
  const left = known === null ? [] : await filterStillSelected(tx, binding, known.revision, unanswered, now);
  const keyIds = [...new Set([...report.failedKeys.map(({ keyId }) => keyId), ...left])];
  const [keyId] = keyIds;
  if (keyId !== undefined) await writeFault(change, binding, nextFault(report, known, keyIds, keyId), now);
  else if (known !== null) await writeWorking(change, binding, now);
}

/** Whether another revision is known to fail that is still asked: what this one says is no news of that. */
function isOfOtherRevision(binding: Binding, known: KnownFault, { revision }: EvaluationReport, now: Date): boolean {
  return known.revision !== revision && revisionsOf(binding, now).some((one) => one.revision === known.revision);
}

/** What is known of a fault after a report, and the keys that it concerns since, the first of them named. */
function nextFault(
  { revision, failedKeys, answeredKeyIds }: EvaluationReport,
  known: KnownFault | null,
  keyIds: readonly string[],
  keyId: string,
): KnownFault {
  const ofModule = findModuleFault(failedKeys, answeredKeyIds.size);
  const { kind, message } = ofModule ?? failedKeys[0] ?? known ?? { kind: 'MISSING', message: '' };
  const isForgetful = known !== null && known.keyCount > known.keyIds.length;
  return {
    kind,
    message,
    revision,
    keyId,
    keyCount: isForgetful ? Math.max(known.keyCount, keyIds.length) : keyIds.length,
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
  // About what it could not be asked while it rested it is asked now.
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
  // What it could not be asked meanwhile it is asked now.
  const sweep = await startSweep(change, binding.realmId);
  await tx.binding.update({
    where: { id: binding.id },
    data: { health: 'WORKING', brokenAt: null, fault: Prisma.DbNull, retryAt: null, ...sweep },
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
  // Whoever else is writing it writes the same: nobody waits.
  await tx.$executeRaw`
    UPDATE "Binding" SET "lastBounds" = ${JSON.stringify(lastBounds)}::jsonb WHERE id IN (
      SELECT id FROM "Binding" WHERE id = ${binding.id} AND revision = ${binding.revision}
      FOR NO KEY UPDATE SKIP LOCKED)`;
}

function eventOf({ realmId, id, title }: Binding, now: Date): Omit<EventDraft, 'type' | 'reason' | 'data'> {
  return { at: now, keyId: null, realmId, ownerId: null, actor: { kind: 'POLICY', id, name: title } };
}

function dataOf({ id, policy, hash, revision }: Binding) {
  return { bindingId: id, policy, hash, revision };
}
