/** Crockford's base 32 in lower case, as `newId` writes it. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const DIGITS = 26;
/** 26 digits hold 130 bits for the 128 of an id. */
const FIRST_DIGIT_MAX = 7;

/** The value of each character; -1: it is not a digit. */
const valueOf = new Int8Array(128).fill(-1);
for (let value = 0; value < alphabet.length; value += 1) valueOf[alphabet.charCodeAt(value)] = value;

/** The character code of each digit. */
const codes = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0));

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

/** Returns the id of a prefix and four words. All digits are made at once: parts would stay in memory with the id. */
// prettier-ignore
export function formatId(prefix: string, a: number, b: number, c: number, d: number): string {
  return prefix + String.fromCharCode(
    digit(a >>> 29), digit(a >>> 24), digit(a >>> 19), digit(a >>> 14), digit(a >>> 9), digit(a >>> 4),
    digit((a << 1) | (b >>> 31)), digit(b >>> 26), digit(b >>> 21), digit(b >>> 16), digit(b >>> 11), digit(b >>> 6),
    digit(b >>> 1), digit((b << 4) | (c >>> 28)), digit(c >>> 23), digit(c >>> 18), digit(c >>> 13), digit(c >>> 8),
    digit(c >>> 3), digit((c << 2) | (d >>> 30)), digit(d >>> 25), digit(d >>> 20), digit(d >>> 15), digit(d >>> 10),
    digit(d >>> 5), digit(d),
  );
}

/** Returns 32 even bits of an id's words, which begin with the time: the finalizer of MurmurHash3. */
export function hashIdWords(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f) ^ Math.imul(d, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Returns the character code of the digit of the last 5 bits. */
function digit(bits: number): number {
  return codes[bits & 31] ?? 0;
}

function digitAt(text: string, index: number): number {
  return valueOf[text.charCodeAt(index)] ?? -1;
}
