import type { DormancyVerdict, ExpiryVerdict, Reason, RenewalVerdict } from '../contract.ts';
import type { BindingVerdict, EffectiveStops, StoredVerdicts } from '../verdict-shapes.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { bytesOfHash, bytesOfId, readHash, readId } from './compact-ids.ts';
import { readCompactText, writeCompactText } from './compact-text.ts';

/** The first byte. A later release that writes another format takes another number, and reads this one too. */
const VERSION = 1;

// The first byte of a verdict.
const COUNTS = 1;
const HAS_EXPIRY = 2;
const HAS_RENEWAL = 4;
const HAS_DORMANCY = 8;
const HAS_SAME_AT = 16;
const HAS_ID = 32;
const HAS_HASH = 64;

/** Verdicts, and when they were stored, in milliseconds since 1970. */
export interface JudgedVerdicts {
  readonly judgedAt: number;
  readonly verdicts: StoredVerdicts;
}

const writer = new ByteWriter();

/** Returns verdicts as bytes. `expandVerdicts` makes the same verdicts of them again, with their sentences. */
export function compactVerdicts({ judgedAt, verdicts }: JudgedVerdicts): Uint8Array<ArrayBuffer> {
  writer.clear();
  writer.byte(VERSION);
  writer.milliseconds(judgedAt);
  writer.number(verdicts.length);
  let at = judgedAt;
  for (const verdict of verdicts) {
    writeVerdict(writer, verdict, at);
    ({ at } = verdict);
  }
  return writer.take();
}

/** Returns when the verdicts of bytes that `compactVerdicts` made were stored, in milliseconds since 1970. */
export function readJudgedAt(bytes: Uint8Array): number {
  return openReader(bytes).milliseconds();
}

/** Returns the verdicts of bytes that `compactVerdicts` made. @throws RangeError for other bytes */
export function expandVerdicts(bytes: Uint8Array): JudgedVerdicts {
  const reader = openReader(bytes);
  const judgedAt = reader.milliseconds();
  let at = judgedAt;
  const verdicts = Array.from({ length: reader.number() }, () => {
    const verdict = readVerdict(reader, at);
    ({ at } = verdict);
    return verdict;
  });
  if (!reader.isAtEnd) throw new RangeError('there are more bytes than verdicts');
  return { judgedAt, verdicts };
}

function openReader(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new RangeError(`found verdicts in format ${version}; this release reads ${VERSION}`);
  return reader;
}

function writeVerdict(writer: ByteWriter, verdict: BindingVerdict, previousAt: number): void {
  const { bindingId, revision, hash, at, counts, noticeMs, raw, effective } = verdict;
  const { expiry, renewal, dormancy } = raw;
  const idBytes = bytesOfId(bindingId);
  const hashBytes = bytesOfHash(hash);
  const flags = [
    counts ? COUNTS : 0,
    expiry === null ? 0 : HAS_EXPIRY,
    renewal === null ? 0 : HAS_RENEWAL,
    dormancy === null ? 0 : HAS_DORMANCY,
    at === previousAt ? HAS_SAME_AT : 0,
    idBytes === null ? 0 : HAS_ID,
    hashBytes === null ? 0 : HAS_HASH,
  ];
  writer.byte(flags.reduce((sum, flag) => sum | flag, 0));
  if (idBytes === null) writer.text(bindingId);
  else writer.bytes(idBytes);
  writer.number(revision);
  if (hashBytes === null) writer.text(hash);
  else writer.bytes(hashBytes);
  if (at !== previousAt) writer.milliseconds(at);
  writer.milliseconds(noticeMs);
  if (expiry !== null) writeExpiry(writer, expiry);
  if (renewal !== null) writeRenewal(writer, renewal);
  if (dormancy !== null) writeDormancy(writer, dormancy);
  const stops = rawStopsOf(verdict);
  for (const name of stopNames) writeStop(writer, effective[name], stops[name]);
}

function readVerdict(reader: ByteReader, previousAt: number): BindingVerdict {
  const flags = reader.byte();
  const has = (flag: number) => (flags & flag) !== 0;
  const bindingId = has(HAS_ID) ? readId(reader) : reader.text();
  const revision = reader.number();
  const hash = has(HAS_HASH) ? readHash(reader) : reader.text();
  const at = has(HAS_SAME_AT) ? previousAt : reader.milliseconds();
  const noticeMs = reader.milliseconds();
  const raw = {
    expiry: has(HAS_EXPIRY) ? readExpiry(reader) : null,
    renewal: has(HAS_RENEWAL) ? readRenewal(reader) : null,
    dormancy: has(HAS_DORMANCY) ? readDormancy(reader) : null,
  };
  const stops = rawStopsOf({ raw });
  const [cap = null, hold = null, expire = null] = stopNames.map((name) => readStop(reader, stops[name]));
  const effective = { cap, hold, expire };
  return { bindingId, revision, hash, at, counts: has(COUNTS), noticeMs, raw, effective };
}

function writeExpiry(writer: ByteWriter, { request, cap, reason }: ExpiryVerdict): void {
  writer.optional(request, ({ shortest, longest, default: given }) => {
    writer.milliseconds(shortest);
    writer.milliseconds(longest);
    writeMoment(writer, given);
  });
  writer.optional(cap, ({ at, basis }) => {
    writer.milliseconds(at);
    writer.byte(basis === 'HARD' ? 1 : 0);
  });
  writeReason(writer, reason);
}

function readExpiry(reader: ByteReader): ExpiryVerdict {
  const request = reader.optional(() => ({
    shortest: reader.milliseconds(),
    longest: reader.milliseconds(),
    default: readMoment(reader),
  }));
  const cap = reader.optional(() => ({
    at: reader.milliseconds(),
    basis: reader.byte() === 1 ? ('HARD' as const) : ('BY_USE' as const),
  }));
  return { request, cap, reason: readReason(reader) };
}

function writeRenewal(writer: ByteWriter, renewal: RenewalVerdict): void {
  const { isAllowed, allowedAt, mode, longest, window, graceExtension, retiresWhenMoved, reason } = renewal;
  const retires = retiresWhenMoved === null ? 0 : retiresWhenMoved ? 2 : 1;
  writer.byte((isAllowed ? 1 : 0) + (mode === 'ROTATE' ? 2 : 0) + 4 * retires);
  for (const moment of [allowedAt, longest, graceExtension]) writeMoment(writer, moment);
  writer.optional(window, ({ opensAt, closesAt }) => {
    writer.milliseconds(opensAt);
    writer.milliseconds(closesAt);
  });
  writeReason(writer, reason);
}

function readRenewal(reader: ByteReader): RenewalVerdict {
  const flags = reader.byte();
  const retires = flags >> 2;
  const [allowedAt = null, longest = null, graceExtension = null] = [1, 2, 3].map(() => readMoment(reader));
  return {
    isAllowed: (flags & 1) !== 0,
    allowedAt,
    mode: (flags & 2) === 0 ? 'EXTEND' : 'ROTATE',
    longest,
    graceExtension,
    window: reader.optional(() => ({ opensAt: reader.milliseconds(), closesAt: reader.milliseconds() })),
    retiresWhenMoved: retires === 0 ? null : retires === 2,
    reason: readReason(reader),
  };
}

function writeDormancy(writer: ByteWriter, { warnAt, holdAt, expireAt, reason }: DormancyVerdict): void {
  for (const moment of [warnAt, holdAt, expireAt]) writeMoment(writer, moment);
  writeReason(writer, reason);
}

function readDormancy(reader: ByteReader): DormancyVerdict {
  const [warnAt = null, holdAt = null, expireAt = null] = [1, 2, 3].map(() => readMoment(reader));
  return { warnAt, holdAt, expireAt, reason: readReason(reader) };
}

function writeReason(writer: ByteWriter, { code, sentence }: Reason): void {
  writeCompactText(writer, code);
  writeCompactText(writer, sentence);
}

function readReason(reader: ByteReader): Reason {
  return { code: readCompactText(reader), sentence: readCompactText(reader) };
}

function writeMoment(writer: ByteWriter, value: number | null): void {
  writer.optional(value, (ms) => writer.milliseconds(ms));
}

function readMoment(reader: ByteReader): number | null {
  return reader.optional(() => reader.milliseconds());
}

const stopNames = ['cap', 'hold', 'expire'] as const;

/** Returns the stops that a policy returned: most effective stops are the same. */
function rawStopsOf({ raw: { expiry, dormancy } }: Pick<BindingVerdict, 'raw'>): EffectiveStops {
  return { cap: expiry?.cap?.at ?? null, hold: dormancy?.holdAt ?? null, expire: dormancy?.expireAt ?? null };
}

function writeStop(writer: ByteWriter, stop: number | null, raw: number | null): void {
  if (stop === raw) return writer.byte(0);
  writer.byte(1);
  writeMoment(writer, stop);
}

function readStop(reader: ByteReader, raw: number | null): number | null {
  return reader.byte() === 0 ? raw : readMoment(reader);
}
