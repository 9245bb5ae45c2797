// A model of one key, written from the rules and independent of Keytide's code: instants and durations are
// milliseconds, a key is plain data. Its only import is the length of a day.

import { DAY_MS } from '../../src/domain/duration.ts';

/** After how long without use a key is warned, held and expired. */
export const [WARNED_AFTER, HELD_AFTER, EXPIRED_AFTER] = [365 * DAY_MS, 395 * DAY_MS, 425 * DAY_MS];
/** How long use may stay unwritten; a BY_USE stop is decided that much later. */
export const SETTLES = 30_000;
/** How long a secret of a rotation without a grace period has to reach its users. */
export const AT_ONCE_SETTLES = 10_000;
const EXTENSION = 7 * DAY_MS;
const [LOOK_AHEAD, LOOK_SHARE] = [60 * 60_000, 0.5];
export const CONSUMER_MEMORY = 400 * DAY_MS;

export interface ModelSecret {
  generation: number;
  retiresAt: number | null;
  isUsed: boolean;
  madeAt: number;
  /** Who made it by a rotation without a grace period. */
  atOnceBy: string | null;
}

export interface ModelKey {
  chosen: number | null;
  lifetime: number | null;
  activeAt: number;
  isRevoked: boolean;
  expiredAt: number | null;
  holds: ('OWNER' | 'ADMINISTRATOR' | 'POLICY')[];
  isOwners: boolean;
  level: number;
  secrets: ModelSecret[];
  rotation: { graceMs: number; isExtended: boolean } | null;
  sightings: { generation: number; consumer: string; at: number }[];
  reuses: string[];
  /** The consumers that were broken, with the day (UTC). */
  breakages: string[];
  /** The events of the key, without those that follow from other state (notices, warnings and moved stops). */
  events: { type: string; at: number }[];
}

export function newKey(lifetime: number | null, now: number): ModelKey {
  return {
    chosen: lifetime === null ? null : now + lifetime,
    lifetime,
    activeAt: now,
    isRevoked: false,
    expiredAt: null,
    holds: [],
    isOwners: true,
    level: 0,
    secrets: [{ generation: 1, retiresAt: null, isUsed: false, madeAt: now, atOnceBy: null }],
    rotation: null,
    sightings: [],
    reuses: [],
    breakages: [],
    events: [{ type: 'KEY_ISSUED', at: now }],
  };
}

export const currentSecret = (key: ModelKey): ModelSecret => key.secrets.find((one) => one.retiresAt === null)!;

export function retiringSecret(key: ModelKey, now: number): ModelSecret | undefined {
  return key.secrets.find((one) => one.retiresAt !== null && one.retiresAt > now);
}

export function outcome(key: ModelKey, generation: number, now: number): string {
  const { retiresAt } = key.secrets.find((one) => one.generation === generation)!;
  if (key.isRevoked) return 'KEY_REVOKED';
  if (retiresAt !== null && retiresAt <= now) return 'SECRET_RETIRED';
  if (key.expiredAt !== null || (key.chosen !== null && key.chosen <= now)) return 'KEY_EXPIRED';
  return key.holds.length > 0 ? 'KEY_HELD' : 'VALID';
}

/** Applies the changes that time alone causes. */
export function passTime(key: ModelKey, now: number): void {
  if (key.isRevoked || key.expiredAt !== null) return;
  const isOver = key.chosen !== null && key.chosen <= now;
  endRotation(key, Math.min(now, isOver ? key.chosen! : Infinity));
  if (!isOver) return;
  key.expiredAt = key.chosen;
  recordEvent(key, 'KEY_EXPIRED', key.chosen!);
}

function endRotation(key: ModelKey, now: number, isForced = false): void {
  const last = key.secrets.reduce<ModelSecret | null>(
    (found, one) => (one.retiresAt !== null && one.retiresAt > (found?.retiresAt ?? -1) ? one : found),
    null,
  );
  if (key.rotation === null || last === null) return;
  if (last.retiresAt! > now && !isForced) return;
  last.retiresAt = Math.min(last.retiresAt!, now);
  key.rotation = null;
  recordEvent(key, 'KEY_ROTATION_COMPLETED', last.retiresAt);
}

/** Applies a review; all use must be written. */
export function reviewModel(key: ModelKey, now: number): void {
  passTime(key, now);
  if (key.isRevoked || key.expiredAt !== null) return;
  const idle = now - key.activeAt - SETTLES;
  if (idle >= EXPIRED_AFTER) {
    endRotation(key, now, true);
    key.expiredAt = now;
    return recordEvent(key, 'KEY_EXPIRED', now);
  }
  const isHeld = key.holds.includes('POLICY');
  if (idle >= HELD_AFTER && !isHeld) {
    key.holds.push('POLICY');
    recordEvent(key, 'KEY_HELD', now);
  }
  if (idle < HELD_AFTER && isHeld) {
    key.holds = key.holds.filter((hold) => hold !== 'POLICY');
    recordEvent(key, 'KEY_RESUMED', now);
  }
  extendStalled(key, now);
}

function extendStalled(key: ModelKey, now: number): void {
  const old = retiringSecret(key, now);
  if (key.rotation === null || key.rotation.isExtended || old === undefined) return;
  if (now < old.retiresAt! - Math.min(LOOK_AHEAD, Math.floor(key.rotation.graceMs * LOOK_SHARE))) return;
  const on = (generation: number) => key.sightings.filter((one) => one.generation === generation);
  const waitedFor = on(old.generation).filter((one) => now - one.at <= CONSUMER_MEMORY);
  const arrived = new Set(on(currentSecret(key).generation).map((one) => one.consumer));
  const isMoved = waitedFor.every(({ consumer }) => consumer !== '' && arrived.has(consumer));
  if (currentSecret(key).isUsed && isMoved) return;
  const longer = Math.min(old.retiresAt! + EXTENSION, key.chosen ?? Infinity);
  if (longer <= old.retiresAt!) return;
  old.retiresAt = longer;
  key.rotation.isExtended = true;
  recordEvent(key, 'KEY_ROTATION_STALLED', now);
}

export function recordEvent(key: ModelKey, type: string, at: number): void {
  key.events.push({ type, at });
}

/** Records an event and returns the result of the command that succeeded with it. */
export function recordSuccess(key: ModelKey, type: string, at: number): string {
  recordEvent(key, type, at);
  return 'OK';
}
