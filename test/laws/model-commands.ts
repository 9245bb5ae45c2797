// The result and effect of each command by the rules alone; see model.ts.

import { DAY_MS } from '../../src/domain/duration.ts';
import {
  AT_ONCE_SETTLES,
  CONSUMER_MEMORY,
  currentSecret,
  outcome,
  passTime,
  retiringSecret,
  recordEvent,
  recordSuccess,
  type ModelKey,
  type ModelSecret,
} from './model.ts';

const [SHORTEST, LONGEST] = [DAY_MS, 365 * DAY_MS];
const REVIVAL = 30 * DAY_MS;

export type Who = 'owner' | 'admin' | 'stranger' | 'newest' | 'retiring' | 'retired';

export type Command =
  | { do: 'verify'; generation: number; consumer: string | null }
  | { do: 'renew'; who: Who; lifetimeMs: number | null; mode: 'EXTEND' | 'ROTATE'; graceMs: number }
  | { do: 'rotate'; who: Who; graceMs: number }
  | { do: 'confirm' | 'undo' | 'hold' | 'resume' | 'revoke'; who: Who }
  | { do: 'shorten'; who: Who; at: number }
  | { do: 'narrow'; who: Who; level: number }
  | { do: 'transfer'; isBack: boolean }
  | { do: 'revokeBySecret'; generation: number };

/** Returns the secret that a caller presents, if the key has such a secret. */
export function secretShownBy(key: ModelKey, who: Who, now: number): ModelSecret | undefined {
  if (who === 'newest') return currentSecret(key);
  if (who === 'retiring') return retiringSecret(key, now);
  return who === 'retired' ? key.secrets.find((one) => one.retiresAt !== null && one.retiresAt <= now) : undefined;
}

/**
 * Applies a command to the model and returns its result. `proved`: the generation with which the request was
 * authenticated; another command may have been applied since.
 */
export function applyCommand(key: ModelKey, command: Command, now: number, proved?: number): string {
  if (command.do === 'verify') return verify(key, command, now);
  if (command.do === 'revokeBySecret') return revokeBySecret(key, command.generation, now);
  if (command.do === 'transfer') return transfer(key, command.isBack, now);
  const { who } = command;
  const isKey = who === 'newest' || who === 'retiring' || who === 'retired';
  const secret = key.secrets.find((one) => one.generation === proved) ?? secretShownBy(key, who, now);
  if (isKey && secret === undefined) return 'NOBODY';
  if (isKey && proved === undefined) {
    const found = outcome(key, secret!.generation, now);
    if (found === 'SECRET_RETIRED') recordReuse(key, secret!.generation, '', now);
    if (found !== 'VALID') return found;
  }
  if (who === 'stranger' || (who === 'owner' && !key.isOwners)) return 'KeyNotFound';
  if (isKey && ['shorten', 'narrow', 'hold', 'resume'].includes(command.do)) return 'FORBIDDEN';
  passTime(key, now);
  const isGone = isKey && secret!.retiresAt !== null && secret!.retiresAt <= now;
  const isNewest = !isKey || secret!.retiresAt === null;
  const hasEnded = key.isRevoked || key.expiredAt !== null;
  const state = outcome(key, currentSecret(key).generation, now);
  switch (command.do) {
    case 'revoke':
      if (isGone) return 'SECRET_RETIRED';
      return key.isRevoked ? 'OK' : revoke(key, now);
    case 'renew':
      return renew(key, command, now, { isNewest, isGone, isKey, state });
    case 'rotate':
      // A held key can be rotated only by a person, with a grace period of 0.
      if (state !== 'VALID' && (state !== 'KEY_HELD' || isKey || command.graceMs !== 0)) return 'KeyNotActive';
      if (isGone) return 'SECRET_RETIRED';
      if (!isNewest || retiringSecret(key, now)) return 'RotationPending';
      if (state !== 'KEY_HELD' && isSettling(key, who, now)) return 'RotationPending';
      return rotate(key, command.graceMs, now, who);
    case 'confirm': {
      if (hasEnded) return 'KeyNotActive';
      if (isGone) return 'SECRET_RETIRED';
      const old = retiringSecret(key, now);
      if (old === undefined) return 'RotationNotPending';
      if (!isNewest) return 'FORBIDDEN';
      old.retiresAt = now;
      key.rotation = null;
      return recordSuccess(key, 'KEY_ROTATION_COMPLETED', now);
    }
    case 'undo':
      if (hasEnded) return 'KeyNotActive';
      return isGone ? 'SECRET_RETIRED' : undo(key, isNewest, now);
    case 'shorten':
      if (hasEnded) return 'KeyNotActive';
      if (command.at <= now || command.at > Math.min(key.chosen ?? Infinity, now + LONGEST)) return 'ExpiryOutOfBounds';
      key.lifetime ??= command.at - now;
      key.chosen = command.at;
      for (const one of key.secrets) {
        if (one.retiresAt !== null && one.retiresAt > now) one.retiresAt = Math.min(one.retiresAt, command.at);
      }
      return recordSuccess(key, 'KEY_UPDATED', now);
    case 'narrow':
      if (hasEnded) return 'KeyNotActive';
      if (command.level < key.level) return 'ScopeNotAllowed';
      key.level = command.level;
      return recordSuccess(key, 'KEY_UPDATED', now);
    case 'hold': {
      const side = who === 'admin' ? 'ADMINISTRATOR' : 'OWNER';
      if (hasEnded) return 'KeyNotActive';
      if (key.holds.includes(side)) return 'OK';
      key.holds.push(side);
      return recordSuccess(key, 'KEY_HELD', now);
    }
    case 'resume': {
      if (hasEnded) return 'KeyNotActive';
      if (key.holds.length === 0) return 'KeyNotHeld';
      const left = key.holds.filter((hold) => who !== 'admin' && hold === 'ADMINISTRATOR');
      if (left.length === key.holds.length) return 'HoldNotYours';
      key.holds = left;
      key.activeAt = now;
      return recordSuccess(key, 'KEY_RESUMED', now);
    }
  }
}

function verify(key: ModelKey, { generation, consumer }: Command & { do: 'verify' }, now: number): string {
  const secret = key.secrets.find((one) => one.generation === generation)!;
  const found = outcome(key, generation, now);
  if (found === 'VALID') {
    if (!secret.isUsed) recordEvent(key, 'KEY_FIRST_USED', now);
    secret.isUsed = true;
    key.activeAt = now;
    key.sightings = key.sightings.filter((one) => one.generation !== generation || one.consumer !== (consumer ?? ''));
    key.sightings.push({ generation, consumer: consumer ?? '', at: now });
  }
  if (found === 'SECRET_RETIRED') recordReuse(key, generation, consumer ?? '', now);
  if (consumer !== null && isBreakage(key, { generation, consumer, found }, now)) {
    const name = `${Math.floor(now / DAY_MS)} ${consumer}`;
    if (!key.breakages.includes(name)) recordEvent(key, 'KEY_BROKE_CONSUMER', now);
    key.breakages.push(name);
  }
  return found;
}

/** Whether a refusal breaks a consumer that worked and has not moved to a newer secret. */
function isBreakage(
  { holds, secrets, sightings }: ModelKey,
  { generation, consumer, found }: { generation: number; consumer: string; found: string },
  now: number,
): boolean {
  if (!['KEY_EXPIRED', 'SECRET_RETIRED', 'KEY_HELD'].includes(found)) return false;
  if (holds.some((hold) => hold !== 'POLICY')) return false;
  const secret = secrets.find((one) => one.generation === generation)!;
  const isUnderWay = secrets.some((next) => next.atOnceBy !== null && next.madeAt === secret.retiresAt);
  if (found === 'SECRET_RETIRED' && isUnderWay && now < secret.retiresAt! + AT_ONCE_SETTLES) return false;
  const seen = sightings.filter((one) => one.consumer === consumer);
  if (!seen.some((one) => now - one.at <= CONSUMER_MEMORY)) return false;
  if (secret.retiresAt === null) return true;
  const ownAt = seen.find((one) => one.generation === generation)?.at ?? -Infinity;
  const current = secrets.find((one) => one.retiresAt === null)!;
  return !seen.some((one) => one.generation > generation || (one.generation === current.generation && one.at > ownAt));
}

function recordReuse(key: ModelKey, generation: number, consumer: string, now: number, mayBeUnderWay = true): void {
  if (key.isRevoked || key.expiredAt !== null || (key.chosen !== null && key.chosen <= now)) return;
  const secret = key.secrets.find((one) => one.generation === generation)!;
  if (isGivenNoTime(key, secret, now, mayBeUnderWay)) return;
  const name = `${generation} ${consumer}`;
  if (key.reuses.includes(name)) return;
  key.reuses.push(name);
  recordEvent(key, 'KEY_SECRET_REUSED', now);
}

function renew(
  key: ModelKey,
  { who, lifetimeMs, mode, graceMs }: Command & { do: 'renew' },
  now: number,
  { isNewest, isGone, isKey, state }: { isNewest: boolean; isGone: boolean; isKey: boolean; state: string },
): string {
  const isRevival = state === 'KEY_EXPIRED' && !isKey && now < key.expiredAt! + REVIVAL;
  if (state !== 'VALID' && !isRevival) return 'KeyNotActive';
  if (isGone) return 'SECRET_RETIRED';
  if (!isNewest) return 'RenewalNotAllowed';
  if (lifetimeMs !== null && (lifetimeMs < SHORTEST || lifetimeMs > LONGEST)) return 'ExpiryOutOfBounds';
  if (mode === 'ROTATE' && (retiringSecret(key, now) || isSettling(key, who, now))) return 'RotationPending';
  const given = lifetimeMs ?? Math.min(key.lifetime ?? 0, LONGEST);
  if (key.chosen !== null && now + given > key.chosen) {
    key.chosen = now + given;
    key.lifetime = given;
  }
  key.activeAt = now;
  key.expiredAt = null;
  recordEvent(key, 'KEY_RENEWED', now);
  if (key.holds.includes('POLICY')) {
    key.holds = key.holds.filter((hold) => hold !== 'POLICY');
    recordEvent(key, 'KEY_RESUMED', now);
  }
  return mode === 'ROTATE' ? rotate(key, graceMs, now, who) : 'OK';
}

/** Whether another caller made the current secret just now, by a rotation without a grace period. */
function isSettling(key: ModelKey, who: Who, now: number): boolean {
  const { atOnceBy, madeAt } = currentSecret(key);
  return atOnceBy !== null && atOnceBy !== callerOf(who) && now < madeAt + AT_ONCE_SETTLES;
}

function callerOf(who: Who): string {
  return who === 'newest' || who === 'retiring' || who === 'retired' ? 'key' : who;
}

/** Whether a secret was given no time to be replaced, or to be used. */
function isGivenNoTime({ secrets }: ModelKey, secret: ModelSecret, now: number, mayBeUnderWay: boolean): boolean {
  const { retiresAt, madeAt, isUsed, atOnceBy } = secret;
  if (retiresAt === null) return false;
  if (atOnceBy !== null && !isUsed && retiresAt < madeAt + AT_ONCE_SETTLES) return true;
  if (!mayBeUnderWay) return false;
  return now < retiresAt + AT_ONCE_SETTLES && secrets.some((one) => one.atOnceBy !== null && one.madeAt === retiresAt);
}

function rotate(key: ModelKey, graceMs: number, now: number, who: Who): string {
  currentSecret(key).retiresAt = Math.min(now + graceMs, key.chosen ?? Infinity);
  const generation = key.secrets.length + 1;
  const atOnceBy = graceMs === 0 ? callerOf(who) : null;
  key.secrets.push({ generation, retiresAt: null, isUsed: false, madeAt: now, atOnceBy });
  key.rotation = graceMs === 0 ? null : { graceMs, isExtended: false };
  recordEvent(key, 'KEY_ROTATION_STARTED', now);
  return graceMs === 0 ? recordSuccess(key, 'KEY_ROTATION_COMPLETED', now) : 'OK';
}

function undo(key: ModelKey, isNewest: boolean, now: number): string {
  const [newer, older] = [currentSecret(key), retiringSecret(key, now)];
  if (older === undefined || key.rotation === null) return 'RotationNotPending';
  const { graceMs } = key.rotation;
  if (newer.isUsed && !isNewest) return 'FORBIDDEN';
  newer.retiresAt = newer.isUsed ? Math.min(now + graceMs, key.chosen ?? Infinity) : now;
  older.retiresAt = null;
  key.rotation = newer.isUsed ? { graceMs, isExtended: false } : null;
  return recordSuccess(key, 'KEY_ROTATION_UNDONE', now);
}

function revoke(key: ModelKey, now: number): string {
  key.isRevoked = true;
  return recordSuccess(key, 'KEY_REVOKED', now);
}

function revokeBySecret(key: ModelKey, generation: number, now: number): string {
  passTime(key, now);
  const { retiresAt } = key.secrets.find((one) => one.generation === generation)!;
  if (retiresAt !== null && retiresAt <= now) {
    recordReuse(key, generation, '', now, false);
    return 'KeyNotActive';
  }
  return key.isRevoked ? 'OK' : revoke(key, now);
}

function transfer(key: ModelKey, isBack: boolean, now: number): string {
  passTime(key, now);
  if (key.isRevoked) return 'KeyNotActive';
  if (key.isOwners === isBack) return 'OK';
  key.isOwners = isBack;
  return recordSuccess(key, 'KEY_TRANSFERRED', now);
}
