import { foldCase } from '../../domain/text.ts';
import { redact } from '../../redact.ts';

/** In characters. */
const LONGEST_URL = 500;
const LONGEST_FOUND_IN = 40;

/** So many characters in a row of a secret are taken for a part of it; a path has its first nine at most by chance. */
const PART_LENGTH = 10;

/** How often a text may have been percent-encoded for it to be kept. */
const ENCODINGS_MAX = 3;

/**
 * Where a secret was found, as it can be kept: the address and path of an http URL of at most 500 characters. Its host
 * alone where the path holds a part of the secret, or what looks like another; null where nothing can be kept.
 */
export function redactLeakUrl(url: unknown, secret: string): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, origin, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol) || !isFreeOfSecrets(origin, secret)) return null;
  const whole = `${origin}${pathname}`;
  return whole.length <= LONGEST_URL && isFreeOfSecrets(whole, secret) ? whole : nullIfTooLong(`${origin}/`);
}

/** What a secret was found in, as it can be kept: one word such as `commit`; null where it is none. */
export function redactFoundIn(word: unknown, secret: string): string | null {
  if (typeof word !== 'string' || word.length > LONGEST_FOUND_IN || !/^[\w-]+$/.test(word)) return null;
  return isFreeOfSecrets(word, secret) ? word : null;
}

function nullIfTooLong(text: string): string | null {
  return text.length <= LONGEST_URL ? text : null;
}

/** Whether nothing of a text, as it is and decoded, is of that secret or looks like one. */
function isFreeOfSecrets(text: string, secret: string): boolean {
  let decoded = text;
  for (let count = 0; count <= ENCODINGS_MAX; count += 1) {
    if (redact(decoded) !== decoded || containsPart(decoded, secret)) return false;
    const next = decodeOnce(decoded);
    if (next === decoded) return true;
    decoded = next;
  }
  return false;
}

/** What cannot be decoded is put in as it is. */
function decodeOnce(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** Case is of no account, for that of hosts is lost, nor is what stands between letters and digits. */
function containsPart(text: string, secret: string): boolean {
  const searched = alphanumericsOf(text);
  const sought = alphanumericsOf(secret);
  for (let from = 0; from + PART_LENGTH <= sought.length; from += 1) {
    if (searched.includes(sought.slice(from, from + PART_LENGTH))) return true;
  }
  return false;
}

function alphanumericsOf(text: string): string {
  return foldCase(text.normalize('NFKC')).replaceAll(/[^a-z\d]/g, '');
}
