/** What has an id of its own. The word is the id's prefix: `key_01h455vb4pex5vsknk084sn02q`. */
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
] as const;

export type IdKind = (typeof idKinds)[number];

/** Crockford's base 32, in lower case: no i, l, o, u. Its order is that of ASCII, so texts sort as their numbers do. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** 26 digits hold 130 bits: the first is at most 7. */
const shape = /^([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
/** 48 bits of milliseconds: the year 10889. */
const TIME_END_MS = 2 ** 48;
const UUID_BYTES = 16;
const TIME_BYTES = 6;
const RANDOM_BYTES = UUID_BYTES - TIME_BYTES;

/**
 * A new id: a TypeID (version 0.3), that is the kind and a UUID version 7 (RFC 9562 section 5.7) in base 32. Ids sort by
 * the millisecond that they were made in, within it at random; 74 of their bits are random.
 *
 * @throws RangeError for an invalid date, one before 1970, or a source that does not give exactly 10 bytes.
 */
export function newId(kind: IdKind, now: Date, random: (size: number) => Uint8Array): string {
  const ms = now.getTime();
  if (!(ms >= 0 && ms < TIME_END_MS)) throw new RangeError('an id is made at an instant from 1970 on');
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

/** The kind that an id names, or null when it is no well-formed id of a kind that we know. Never throws. */
export function kindOf(id: string): IdKind | null {
  const word = shape.exec(id)?.[1];
  return idKinds.find((kind) => kind === word) ?? null;
}

/** 16 bytes as the 26 digits of a TypeID: two zero bits, then the 128, five at a time. */
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
