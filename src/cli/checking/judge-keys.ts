import { describeDuration } from '../../domain/duration.ts';
import type { MonitorStatus } from '../exit-status.ts';
import type { FoundKey } from './found-keys.ts';

/** How near a stop may come, and how old what is known may be, in ms. */
export interface Bounds {
  readonly warnMs: number;
  readonly criticalMs: number;
  readonly staleMs: number;
}

/** What is to be said of a key. */
export interface JudgedKey extends FoundKey {
  readonly status: MonitorStatus;
  readonly message: string;
}

const order: readonly MonitorStatus[] = ['OK', 'UNKNOWN', 'WARNING', 'CRITICAL'];

/** What is to be said of keys, the worst first, of those alike what stops first. */
export function judgeKeys(keys: readonly FoundKey[], bounds: Bounds, now: Date): JudgedKey[] {
  const judged = keys.map((key): JudgedKey => ({ ...key, ...judge(key, bounds, now) }));
  return judged.sort(
    (one, other) => order.indexOf(other.status) - order.indexOf(one.status) || stopMs(one) - stopMs(other),
  );
}

/** What does not stop by itself comes behind all that do. */
function stopMs({ stopsAt }: FoundKey): number {
  return stopsAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(stopsAt);
}

/** The worst of several; of none OK. */
export function worst(statuses: readonly MonitorStatus[]): MonitorStatus {
  return statuses.reduce((one, other) => (order.indexOf(other) > order.indexOf(one) ? other : one), 'OK');
}

function judge(
  { state, stopsAt, askedAt }: FoundKey,
  { warnMs, criticalMs, staleMs }: Bounds,
  now: Date,
): Pick<JudgedKey, 'status' | 'message'> {
  if (state === 'HELD') return { status: 'CRITICAL', message: 'is held' };
  const leftMs = stopsAt === null ? Number.POSITIVE_INFINITY : Date.parse(stopsAt) - now.getTime();
  if (state === 'EXPIRED' || leftMs <= 0) return { status: 'CRITICAL', message: `stopped ${far(-leftMs)} ago` };
  if (leftMs <= criticalMs) return { status: 'CRITICAL', message: `stops in ${far(leftMs)}` };
  if (leftMs <= warnMs) return { status: 'WARNING', message: `stops in ${far(leftMs)}` };
  const ageMs = now.getTime() - Date.parse(askedAt);
  if (ageMs > staleMs) return { status: 'UNKNOWN', message: `was last heard of ${far(ageMs)} ago` };
  return { status: 'OK', message: stopsAt === null ? 'does not stop by itself' : `stops in ${far(leftMs)}` };
}

function far(ms: number): string {
  return describeDuration(Math.max(0, Math.floor(ms)));
}
