import { systemRandom } from '../../src/store/random.ts';

/** What is in every secret, password and idempotency key of the canary's run. In base 62, so that secrets can hold it. */
export const MARKER = 'KTCANARY';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** How long a secret is between its prefix and its checksum. */
const SECRET_DIGITS = 43;

/** Knows what must not be found anywhere, in every form in which it could be written. */
export class Canary {
  readonly #needles = new Map<string, string>();
  #count = 0;

  constructor() {
    this.watch('marker', MARKER);
  }

  /** A source of randomness whose secrets hold the marker, after the characters that people are shown. */
  readonly random = (size: number): Uint8Array => {
    const bytes = systemRandom(size);
    if (size !== 32) return bytes;
    const drawn = [...bytes].map((byte) => alphabet[byte % 62]).join('');
    const digits = `1${drawn.slice(0, 9)}${MARKER}${drawn}`.slice(0, SECRET_DIGITS);
    const number = [...digits].reduce((sum, digit) => sum * 62n + BigInt(alphabet.indexOf(digit)), 0n);
    const marked = Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
    this.watch('random bytes', marked);
    return marked;
  };

  /** A text that nobody has used before, with the marker in it. */
  text(word: string): string {
    this.#count += 1;
    return `${MARKER} ${word} ${this.#count}`;
  }

  /** From now on this must not be found. */
  watch(name: string, value: string | Uint8Array): void {
    const bytes = Buffer.from(value);
    const forms =
      typeof value === 'string' ? [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)] : [];
    for (const form of [...forms, bytes.toString('hex'), ...base64Forms(bytes)]) {
      this.#needles.set(form.toLowerCase(), name);
    }
  }

  /** What is found in a text, by name, each with what stands around it; nothing: none. Case is of no account. */
  findIn(text: string): string[] {
    const folded = text.toLowerCase();
    return [...this.#needles].flatMap(([needle, name]) => {
      const at = folded.indexOf(needle);
      return at === -1 ? [] : [`${name}: …${text.slice(Math.max(0, at - 60), at + needle.length + 20)}…`];
    });
  }
}

/** The base 64 of the bytes wherever they stand in what is encoded: three ways, without the characters that others share. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((padded.length * 8) / 6);
    return [padded.toString('base64').slice(from, to), padded.toString('base64url').slice(from, to)];
  });
}
