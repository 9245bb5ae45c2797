import { describeDuration } from '../../domain/duration.ts';
import type { MonitorStatus } from '../exit-status.ts';
import type { CheckedKey } from './checked-keys.ts';

/** Limits in ms: for the time left until a stop, and for the age of the known state. */
export interface Thresholds {
  readonly warnMs: number;
  readonly criticalMs: number;
  readonly staleMs: number;
}

/** A key with its monitoring status and message. */
export interface RatedKey extends CheckedKey {
  readonly status: MonitorStatus;
  readonly message: string;
}

const severityOrder: readonly MonitorStatus[] = ['OK', 'UNKNOWN', 'WARNING', 'CRITICAL'];

/** Rates keys. Sorts them by severity, then by stop moment, earliest first. */
export function rateKeys(keys: readonly CheckedKey[], thresholds: Thresholds, now: Date): RatedKey[] {
  const rated = keys.map(({ renewalProblem, ...key }): RatedKey => {
    const { status, message } = addWarnings(rateKey(key, thresholds, now), key, thresholds, now);
    if (renewalProblem === undefined) return { ...key, status, message };
    return { ...key, status: status === 'CRITICAL' ? status : 'WARNING', message: `${message}: ${renewalProblem}` };
  });
  return rated.sort(
    (first, second) =>
      severityOrder.indexOf(second.status) - severityOrder.indexOf(first.status) || sortMs(first) - sortMs(second),
  );
}

/** Returns a sort value: keys that do not stop by themselves come last. */
function sortMs({ stopsAt }: CheckedKey): number {
  return stopsAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(stopsAt);
}

/** Returns the most severe status; OK if there are none. */
export function pickWorstMonitorStatus(statuses: readonly MonitorStatus[]): MonitorStatus {
  return statuses.reduce(
    (first, second) => (severityOrder.indexOf(second) > severityOrder.indexOf(first) ? second : first),
    'OK',
  );
}

function rateKey(
  { id, state, stopsAt, askedAt }: CheckedKey,
  { warnMs, criticalMs, staleMs }: Thresholds,
  now: Date,
): Pick<RatedKey, 'status' | 'message'> {
  if (state === 'HELD') return { status: 'CRITICAL', message: `is held; to resume it, run keytide resume ${id}` };
  const remainingMs = stopsAt === null ? Number.POSITIVE_INFINITY : Date.parse(stopsAt) - now.getTime();
  const stopped = `stopped ${formatAge(-remainingMs)} ago`;
  if (state === 'EXPIRED')
    return { status: 'CRITICAL', message: `${stopped}; to renew it, run keytide renew-key ${id}` };
  if (remainingMs <= 0) return { status: 'CRITICAL', message: stopped };
  if (remainingMs <= criticalMs) return { status: 'CRITICAL', message: `stops in ${formatAge(remainingMs)}` };
  if (remainingMs <= warnMs) return { status: 'WARNING', message: `stops in ${formatAge(remainingMs)}` };
  const ageMs = now.getTime() - Date.parse(askedAt);
  if (ageMs > staleMs) return { status: 'UNKNOWN', message: `was last checked ${formatAge(ageMs)} ago` };
  return { status: 'OK', message: stopsAt === null ? 'does not stop by itself' : `stops in ${formatAge(remainingMs)}` };
}

/** Adds announced changes that will stop the key: a WARNING as soon as they are as close as a stop would have to be. */
function addWarnings(
  { status, message }: Pick<RatedKey, 'status' | 'message'>,
  { warnings = [] }: CheckedKey,
  { warnMs }: Thresholds,
  now: Date,
): Pick<RatedKey, 'status' | 'message'> {
  if (warnings.length === 0) return { status, message };
  const isNear = warnings.some(({ from }) => Date.parse(from) - now.getTime() <= warnMs);
  const announced = warnings.map((warning) => `${warning.code} ${warning.from.slice(0, 10)}`).join(', ');
  return { status: isNear && status === 'OK' ? 'WARNING' : status, message: `${message}, announced: ${announced}` };
}

function formatAge(ms: number): string {
  return describeDuration(Math.max(0, Math.floor(ms)));
}
