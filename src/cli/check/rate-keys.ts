import { describeDuration } from '../../domain/duration.ts';
import type { MonitorStatus } from '../exit-status.ts';
import type { CheckedKey } from './checked-keys.ts';

/** How near a stop may come, and how old what is known may be, in ms. */
export interface Thresholds {
  readonly warnMs: number;
  readonly criticalMs: number;
  readonly staleMs: number;
}

/** What is to be said of a key. */
export interface RatedKey extends CheckedKey {
  readonly status: MonitorStatus;
  readonly message: string;
}

const severityOrder: readonly MonitorStatus[] = ['OK', 'UNKNOWN', 'WARNING', 'CRITICAL'];

/** What is to be said of keys, the worst first, of those alike what stops first. */
export function rateKeys(keys: readonly CheckedKey[], bounds: Thresholds, now: Date): RatedKey[] {
  const judged = keys.map((key): RatedKey => ({ ...key, ...rateKey(key, bounds, now) }));
  return judged.sort(
    (one, other) =>
      severityOrder.indexOf(other.status) - severityOrder.indexOf(one.status) || sortMs(one) - sortMs(other),
  );
}

/** What does not stop by itself comes behind all that do. */
function sortMs({ stopsAt }: CheckedKey): number {
  return stopsAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(stopsAt);
}

/** The worst of several; of none OK. */
export function pickWorstMonitorStatus(statuses: readonly MonitorStatus[]): MonitorStatus {
  return statuses.reduce(
    (one, other) => (severityOrder.indexOf(other) > severityOrder.indexOf(one) ? other : one),
    'OK',
  );
}

function rateKey(
  { state, stopsAt, askedAt }: CheckedKey,
  { warnMs, criticalMs, staleMs }: Thresholds,
  now: Date,
): Pick<RatedKey, 'status' | 'message'> {
  if (state === 'HELD') return { status: 'CRITICAL', message: 'is held' };
  const leftMs = stopsAt === null ? Number.POSITIVE_INFINITY : Date.parse(stopsAt) - now.getTime();
  if (state === 'EXPIRED' || leftMs <= 0) return { status: 'CRITICAL', message: `stopped ${formatAge(-leftMs)} ago` };
  if (leftMs <= criticalMs) return { status: 'CRITICAL', message: `stops in ${formatAge(leftMs)}` };
  if (leftMs <= warnMs) return { status: 'WARNING', message: `stops in ${formatAge(leftMs)}` };
  const ageMs = now.getTime() - Date.parse(askedAt);
  if (ageMs > staleMs) return { status: 'UNKNOWN', message: `was last heard of ${formatAge(ageMs)} ago` };
  return { status: 'OK', message: stopsAt === null ? 'does not stop by itself' : `stops in ${formatAge(leftMs)}` };
}

function formatAge(ms: number): string {
  return describeDuration(Math.max(0, Math.floor(ms)));
}
