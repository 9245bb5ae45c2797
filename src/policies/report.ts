import { Prisma } from '../../prisma/generated/client/client.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { EventDraft } from '../domain/event.ts';
import { plus } from '../domain/key.ts';
import { change as inChange, type Change } from '../log/change.ts';
import type { Report } from './judge.ts';
import { lockRealms } from './lock-realms.ts';
import type { Core } from '../store/core.ts';
import { newSweep } from './new-sweep.ts';

/** How long a binding that failed is left alone: longer each time, up to the second. */
const FIRST_RETRY_MS = MINUTE_MS;
const LONGEST_RETRY_MS = HOUR_MS;

/** How old the bounds that a binding last gave may get before they are written again. */
const BOUNDS_AGE_MS = HOUR_MS;

/** Writes down which bindings failed and which work again, each told of once, and the bounds that they last gave. */
export async function writeReports(change: Change, reports: readonly Report[], now: Date): Promise<void> {
  await lockRealms(
    change.tx,
    reports.filter(isTurn).map(({ binding }) => binding.realmId),
  );
  const inOrder = reports.toSorted((a, b) => (a.binding.id < b.binding.id ? -1 : 1));
  for (const report of inOrder) {
    if (report.fault !== null) await writeFault(change, report, now);
    else if (report.binding.health === 'BROKEN' && (await works(change, report)))
      await writeMended(change, report, now);
    if (areBoundsNews(report, now)) await writeBounds(change, report, now);
  }
}

/**
 * The same, in a change of its own. What cannot be written now is found again when the bindings are asked the next time, and
 * fails nobody.
 */
export async function reportAlone(core: Core, reports: readonly Report[]): Promise<void> {
  const now = core.clock.now();
  const news = reports.filter((report) => isTurn(report) || areBoundsNews(report, now));
  if (news.length > 0)
    await inChange(core, (change) => writeReports(change, news, change.now())).catch(() => undefined);
}

/** Whether a binding failed, or answers that did not before. */
export function isTurn({ fault, binding }: Report): boolean {
  return fault !== null || binding.health === 'BROKEN';
}

async function writeFault({ tx, tell }: Change, { binding, revision, fault }: Report, now: Date): Promise<void> {
  if (fault === null) return;
  const waitedMs =
    binding.retryAt === null || binding.brokenAt === null ? 0 : now.getTime() - binding.brokenAt.getTime();
  const retryAt = plus(now, Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS, waitedMs)));
  const { kind, message, keyCount, keyId } = fault;
  const told = { kind, message, keyCount, keyId, revision };
  const { count } = await tx.binding.updateMany({
    where: { id: binding.id, health: 'WORKING', revision: binding.revision },
    data: { health: 'BROKEN', brokenAt: now, fault: told, retryAt },
  });
  const still = { id: binding.id, health: 'BROKEN', revision: binding.revision } as const;
  if (count === 0) await tx.binding.updateMany({ where: still, data: { fault: told, retryAt } });
  else
    tell({ ...eventOf(binding, now), type: 'POLICY_BROKEN', reason: message, data: { ...dataOf(binding), ...told } });
}

/** Whether the revision that failed has an answer for the key that it failed, or that key is gone. */
async function works({ tx }: Change, { binding, revision, heard }: Report): Promise<boolean> {
  const failed = binding.fault as unknown as { readonly keyId: string; readonly revision: number };
  if (failed.revision !== revision && revision !== binding.revision) return false;
  if (heard.has(failed.keyId)) return true;
  return (await tx.key.count({ where: { id: failed.keyId, revokedAt: null, expiredAt: null } })) === 0;
}

async function writeMended(change: Change, { binding }: Report, now: Date): Promise<void> {
  const { tx, tell } = change;
  // What it could not be asked meanwhile it is asked now.
  const sweep = await newSweep(change, binding.realmId);
  const { count } = await tx.binding.updateMany({
    where: { id: binding.id, health: 'BROKEN', revision: binding.revision },
    data: { health: 'WORKING', brokenAt: null, fault: Prisma.DbNull, retryAt: null, ...sweep },
  });
  if (count > 0) tell({ ...eventOf(binding, now), type: 'POLICY_MENDED', reason: null, data: dataOf(binding) });
}

function areBoundsNews({ binding, bounds }: Report, now: Date): boolean {
  const last = binding.lastBounds as unknown as { readonly at: number } | null;
  return bounds !== null && (last === null || now.getTime() - last.at >= BOUNDS_AGE_MS);
}

async function writeBounds({ tx }: Change, { binding, bounds }: Report, now: Date): Promise<void> {
  if (bounds === null) return;
  const { expiry, renewal } = bounds;
  const lastBounds = { at: now.getTime(), expiry: expiry && { ...expiry, cap: null }, renewal, dormancy: null };
  // Whoever else is writing it writes the same: nobody waits.
  await tx.$executeRaw`
    UPDATE "Binding" SET "lastBounds" = ${JSON.stringify(lastBounds)}::jsonb WHERE id IN (
      SELECT id FROM "Binding" WHERE id = ${binding.id} AND revision = ${binding.revision}
      FOR NO KEY UPDATE SKIP LOCKED)`;
}

type Told = Report['binding'];

function eventOf({ realmId, id, title }: Told, now: Date): Omit<EventDraft, 'type' | 'reason' | 'data'> {
  return { at: now, keyId: null, realmId, ownerId: null, actor: { kind: 'POLICY', id, name: title } };
}

function dataOf({ id, policy, hash, revision }: Told) {
  return { bindingId: id, policy, hash, revision };
}
