import type { StopBasis } from '../domain/verdict.ts';
import type { StoredSecret } from './stored-secret.ts';

/** 32-bit words in a record: 160 bytes. Its first 64 decide an outcome, with the facts of the realm. */
export const RECORD_WORDS = 40;

export const DIGEST_WORDS = 8;

/** Where each fact is in a record. Instants are 48 bits of ms since 1970: 32 low bits, and 16 high bits in another word. */
export const Word = {
  digest: 0,
  expiresAt: 8,
  retiresAt: 9,
  revokedAt: 10,
  expiredAt: 11,
  /** The high bits of the expiry, and above them those of the retirement. */
  expiryAndRetirement: 12,
  /** The high bits of the revocation, and above them those of the recorded expiry. */
  revocationAndEnd: 13,
  scopes: 14,
  flags: 15,
  keyId: 16,
  secretId: 20,
  stopsAt: 24,
  renewalDueAt: 25,
  firstUsedAt: 26,
  /** The high bits of the stop, and above them those of the renewal. */
  stopAndRenewal: 27,
  /** The high bits of the first use, and above them the generation. */
  firstUseAndGeneration: 28,
  origin: 29,
  labels: 30,
  /** In a node: when the record was read, in s since 1970, rounded down. */
  loadedAt: 31,
  /** In a verifier, which does not need that: where what its answers share is at hand. 0 when the record is written. */
  atHand: 31,
  /** A byte of length, and the characters of Latin 1; or the number of a longer text. */
  name: 32,
  /** The number of the warnings, if it has any: then its name has fewer characters of its own. */
  warnings: 39,
} as const;

export const Flag = {
  isHeld: 1,
  isHard: 2,
  isByUse: 4,
  wasUsed: 8,
  hasKeyText: 16,
  hasSecretText: 32,
  hasNameText: 64,
  /** Its origin has restrictions. */
  isRestricted: 128,
  /** It has warnings. Above the sources of holds. */
  hasWarnings: 1 << 13,
} as const;

/** The sources of holds are the five bits from here on, in the order in which they are read. */
const HOLD_SHIFT = 8;
const holdSources = ['ADMINISTRATOR', 'LEAK', 'MANAGER', 'OWNER', 'POLICY'];
const holdSourceLists: readonly (readonly string[])[] = Array.from({ length: 32 }, (_, bits) =>
  Object.freeze(holdSources.filter((_, index) => (bits >> index) % 2 === 1)),
);

/** The high bits of no instant. */
const NEVER = 0xffff;
const LOW_BITS = 2 ** 32;
const INSTANT_END_MS = NEVER * LOW_BITS;
const GENERATION_MAX = 0xffff;

/**
 * Writes the facts of a secret that it shares with no other, after the digest. Returns whether they fit: if not, the words are undefined,
 * and the secret is read from the database each time. Facts that a gateway has written fit up to the generation 65,535.
 */
export function writeFacts(stored: StoredSecret, loadedAtMs: number, words: Int32Array): boolean {
  const { generation } = stored;
  const holds = holdBitsOf(stored.holdSources);
  if (holds < 0 || !(generation >= 0 && generation <= GENERATION_MAX)) return false;
  const expiry = writeInstant(stored.expiresAt, words, Word.expiresAt);
  const retirement = writeInstant(stored.retiresAt, words, Word.retiresAt);
  const revocation = writeInstant(stored.revokedAt, words, Word.revokedAt);
  const end = writeInstant(stored.expiredAt, words, Word.expiredAt);
  const stop = writeInstant(stored.stopsAt, words, Word.stopsAt);
  const renewal = writeInstant(stored.renewalDueAt, words, Word.renewalDueAt);
  const firstUse = writeInstant(stored.firstUsedAt, words, Word.firstUsedAt);
  if ((expiry | retirement | revocation | end | stop | renewal | firstUse) < 0) return false;
  words[Word.expiryAndRetirement] = expiry | (retirement << 16);
  words[Word.revocationAndEnd] = revocation | (end << 16);
  words[Word.stopAndRenewal] = stop | (renewal << 16);
  words[Word.firstUseAndGeneration] = firstUse | (generation << 16);
  words[Word.flags] = (stored.isHeld ? Flag.isHeld : 0) | basisFlag(stored.expiryBasis) | (holds << HOLD_SHIFT);
  words[Word.loadedAt] = Math.floor(loadedAtMs / 1000);
  return true;
}

/** Returns the instant of its low bits and a word with its high bits, in ms since 1970. */
export function toInstantMs(low: number, high: number): number | null {
  const bits = high & 0xffff;
  return bits === NEVER ? null : bits * LOW_BITS + (low >>> 0);
}

/** Returns the same as a date. */
export function toInstant(low: number, high: number): Date | null {
  const ms = toInstantMs(low, high);
  return ms === null ? null : new Date(ms);
}

/** Returns the sources of holds in flags. */
export function holdSourcesOf(flags: number): readonly string[] {
  return holdSourceLists[(flags >>> HOLD_SHIFT) & 31] ?? [];
}

export function basisOf(flags: number): StopBasis | null {
  if ((flags & Flag.isHard) !== 0) return 'HARD';
  return (flags & Flag.isByUse) === 0 ? null : 'BY_USE';
}

/** Returns all words of a record but the digest: written out, because it is at work in each verification. */
// prettier-ignore
export function copyFacts(chunk: Int32Array, start: number): readonly number[] {
  const at = start + DIGEST_WORDS;
  return [
    chunk[at] ?? 0, chunk[at + 1] ?? 0, chunk[at + 2] ?? 0, chunk[at + 3] ?? 0,
    chunk[at + 4] ?? 0, chunk[at + 5] ?? 0, chunk[at + 6] ?? 0, chunk[at + 7] ?? 0,
    chunk[at + 8] ?? 0, chunk[at + 9] ?? 0, chunk[at + 10] ?? 0, chunk[at + 11] ?? 0,
    chunk[at + 12] ?? 0, chunk[at + 13] ?? 0, chunk[at + 14] ?? 0, chunk[at + 15] ?? 0,
    chunk[at + 16] ?? 0, chunk[at + 17] ?? 0, chunk[at + 18] ?? 0, chunk[at + 19] ?? 0,
    chunk[at + 20] ?? 0, chunk[at + 21] ?? 0, chunk[at + 22] ?? 0, chunk[at + 23] ?? 0,
    chunk[at + 24] ?? 0, chunk[at + 25] ?? 0, chunk[at + 26] ?? 0, chunk[at + 27] ?? 0,
    chunk[at + 28] ?? 0, chunk[at + 29] ?? 0, chunk[at + 30] ?? 0, chunk[at + 31] ?? 0,
  ];
}

/** Writes the low bits of an instant. Returns the high bits; -1: it does not fit. */
function writeInstant(moment: Date | null, words: Int32Array, at: number): number {
  words[at] = 0;
  if (moment === null) return NEVER;
  const ms = moment.getTime();
  if (!(ms >= 0 && ms < INSTANT_END_MS)) return -1;
  words[at] = ms % LOW_BITS;
  return Math.floor(ms / LOW_BITS);
}

function basisFlag(basis: StopBasis | null): number {
  if (basis === null) return 0;
  return basis === 'HARD' ? Flag.isHard : Flag.isByUse;
}

/** Returns the bits of the sources; -1: they do not fit. */
function holdBitsOf(sources: readonly string[]): number {
  let bits = 0;
  for (const source of sources) bits |= 1 << holdSources.indexOf(source);
  return holdSourceLists[bits]?.length === sources.length ? bits : -1;
}
