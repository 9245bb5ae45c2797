/** Crockford's base 32 in lower case, as `newId` writes it. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const DIGITS = 26;
/** 26 digits hold 130 bits for the 128 of an id. */
const FIRST_DIGIT_MAX = 7;

/** The value of each character; -1: it is not a digit. */
const valueOf = new Int8Array(128).fill(-1);
for (let value = 0; value < alphabet.length; value += 1) valueOf[alphabet.charCodeAt(value)] = value;

/** All pairs of digits, by their 10 bits. */
const pairs: readonly string[] = Array.from(
  { length: 1024 },
  (_, bits) => alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31),
);

/**
 * Writes the 128 bits of an id with a prefix, such as `key_`, as four words. Returns whether the id has exactly our form,
 * so that `formatId` returns the same text; otherwise the words are undefined.
 */
export function parseId(id: string, prefix: string, words: Int32Array, at: number): boolean {
  if (id.length !== prefix.length + DIGITS || !id.startsWith(prefix)) return false;
  let isDigit = digitAt(id, prefix.length) <= FIRST_DIGIT_MAX;
  // The first word takes the first digit's 3 bits, then 5 bits of each digit.
  let bits = 0;
  let pendingCount = -2;
  let word = at;
  for (let index = prefix.length; index < id.length; index += 1) {
    const digit = digitAt(id, index);
    isDigit &&= digit >= 0;
    pendingCount += 5;
    if (pendingCount < 32) {
      bits = (bits << 5) | digit;
      continue;
    }
    pendingCount -= 32;
    words[word] = (bits << (5 - pendingCount)) | (digit >> pendingCount);
    word += 1;
    bits = digit & ((1 << pendingCount) - 1);
  }
  return isDigit;
}

/** Returns the id of a prefix and four words. */
export function formatId(prefix: string, a: number, b: number, c: number, d: number): string {
  return (
    prefix +
    pair(a >>> 24) +
    pair(a >>> 14) +
    pair(a >>> 4) +
    pair((a << 6) | (b >>> 26)) +
    pair(b >>> 16) +
    pair(b >>> 6) +
    pair((b << 4) | (c >>> 28)) +
    pair(c >>> 18) +
    pair(c >>> 8) +
    pair((c << 2) | (d >>> 30)) +
    pair(d >>> 20) +
    pair(d >>> 10) +
    pair(d)
  );
}

/** Returns 32 even bits of an id's words, which begin with the time: the finalizer of MurmurHash3. */
export function hashIdWords(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f) ^ Math.imul(d, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Returns the pair of digits of the last 10 bits. */
function pair(bits: number): string {
  return pairs[bits & 1023] ?? '';
}

function digitAt(text: string, index: number): number {
  return valueOf[text.charCodeAt(index)] ?? -1;
}
