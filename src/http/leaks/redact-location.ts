import { foldCase } from '../../domain/fold-case.ts';
import { redact } from '../../logging/redact.ts';

/** The longest texts that are stored, in characters. */
const LONGEST_URL = 500;
const LONGEST_FOUND_IN = 40;

/**
 * Text that contains this many consecutive characters of a secret counts as a part of it. A path may contain up to nine
 * of them by chance.
 */
const PART_LENGTH = 10;

/** Text that was percent-encoded more often than this is not stored. */
const ENCODINGS_MAX = 3;

/**
 * Redacts the URL at which a secret was found, so that it can be stored: origin and path of an http URL of at most 500
 * characters. If the path contains a part of the secret, or text that looks like another secret, only the origin
 * remains. Returns null if nothing can be stored.
 */
export function redactLeakUrl(url: unknown, secret: string): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, origin, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol) || !isFreeOfSecrets(origin, secret)) return null;
  const whole = `${origin}${pathname}`;
  return whole.length <= LONGEST_URL && isFreeOfSecrets(whole, secret) ? whole : nullIfTooLong(`${origin}/`);
}

/**
 * Returns the kind of place in which a secret was found, such as `commit`, if it is one word free of secrets; else
 * null.
 */
export function redactFoundIn(word: unknown, secret: string): string | null {
  if (typeof word !== 'string' || word.length > LONGEST_FOUND_IN || !/^[\w-]+$/.test(word)) return null;
  return isFreeOfSecrets(word, secret) ? word : null;
}

function nullIfTooLong(text: string): string | null {
  return text.length <= LONGEST_URL ? text : null;
}

/**
 * Returns whether neither a text nor its decoded forms contain a part of this secret or text that looks like a secret.
 */
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

/** Decodes percent-encoding once. Sequences that are not valid UTF-8 stay as they are. */
function decodeOnce(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/**
 * Returns whether a text contains a part of a secret. Only letters and digits are compared, without case, because URL
 * parsing lower-cases hosts, and separators may split a secret.
 */
function containsPart(text: string, secret: string): boolean {
  const searched = alphanumericsOf(text);
  const wanted = alphanumericsOf(secret);
  for (let from = 0; from + PART_LENGTH <= wanted.length; from += 1) {
    if (searched.includes(wanted.slice(from, from + PART_LENGTH))) return true;
  }
  return false;
}

function alphanumericsOf(text: string): string {
  return foldCase(text.normalize('NFKC')).replaceAll(/[^a-z\d]/g, '');
}
