/** The kinds of things that have an id. The kind is the id's prefix, as in `key_01h455vb4pex5vsknk084sn02q`. */
export const idKinds = [
  'account',
  'organization',
  'invitation',
  'session',
  'device',
  'realm',
  'action',
  'key',
  'hold',
  'secret',
  'event',
  'binding',
  'brake',
  'node',
  'digest',
  'webhook',
  'delivery',
  'attempt',
  'issuer',
  'rule',
  'subject',
  'portal',
  'preview',
  'operation',
  'rollout',
  'answer',
  'exception',
  'breakage',
] as const;

export type IdKind = (typeof idKinds)[number];

/** Crockford's base 32 in lower case, without i, l, o and u. It is in ASCII order, so that ids sort like their numbers. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** 26 digits hold 130 bits for the 128 of a UUID: the first digit is at most 7. */
const shape = /^([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
/** The end of what 48 bits of milliseconds can express: the year 10889. */
const TIME_END_MS = 2 ** 48;
const UUID_BYTES = 16;
const TIME_BYTES = 6;
const RANDOM_BYTES = UUID_BYTES - TIME_BYTES;

/**
 * Creates an id: a TypeID (version 0.3), which is the kind and a UUID version 7 (RFC 9562, section 5.7) in base 32. Ids sort by
 * the millisecond of their creation, and randomly within it. 74 bits are random.
 *
 * @throws RangeError for an invalid date, a date before 1970, or a random source that does not return exactly 10 bytes.
 */
export function newId(kind: IdKind, now: Date, random: (size: number) => Uint8Array): string {
  const ms = now.getTime();
  if (!(ms >= 0 && ms < TIME_END_MS))
    throw new RangeError('found an invalid date or one before 1970; expected an instant from 1970 on');
  const bits = random(RANDOM_BYTES);
  if (bits.length !== RANDOM_BYTES) throw new RangeError(`${RANDOM_BYTES} random bytes expected, not ${bits.length}`);

  const uuid = new Uint8Array(UUID_BYTES);
  const view = new DataView(uuid.buffer);
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms); // takes the low 32 bits
  uuid.set(bits, TIME_BYTES);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f)); // version 7
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f)); // the RFC's variant
  return `${kind}_${encodeUuid(uuid)}`;
}

/** Returns the kind of an id; null: it is not a well-formed id of a known kind. Never throws. */
export function kindOf(id: string): IdKind | null {
  const prefix = shape.exec(id)?.[1];
  return idKinds.find((kind) => kind === prefix) ?? null;
}

/** Encodes 16 bytes as the 26 digits of a TypeID: two zero bits, then the 128 bits, five to a digit. */
export function encodeUuid(uuid: Uint8Array): string {
  if (uuid.length !== UUID_BYTES) throw new RangeError(`${UUID_BYTES} bytes expected, not ${uuid.length}`);
  let digits = '';
  let pending = 0;
  let pendingCount = 2;
  for (const byte of uuid) {
    pending = (pending << 8) | byte;
    for (pendingCount += 8; pendingCount >= 5; pendingCount -= 5) {
      digits += alphabet.charAt((pending >> (pendingCount - 5)) & 31);
    }
    pending &= (1 << pendingCount) - 1;
  }
  return digits;
}

/** Returns the 16 bytes of 26 digits that `encodeUuid` made. */
export function decodeUuid(digits: string): Uint8Array {
  const uuid = new Uint8Array(UUID_BYTES);
  let pending = 0;
  let pendingCount = -2;
  let next = 0;
  for (const digit of digits) {
    pending = (pending << 5) | alphabet.indexOf(digit);
    pendingCount += 5;
    if (pendingCount < 8) continue;
    pendingCount -= 8;
    uuid[next++] = pending >> pendingCount;
    pending &= (1 << pendingCount) - 1;
  }
  return uuid;
}
