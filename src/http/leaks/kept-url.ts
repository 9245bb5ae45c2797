import { foldCase } from '../../domain/text.ts';
import { scrub } from '../../scrub.ts';

/** In characters. */
const LONGEST_URL = 500;
const LONGEST_WORD = 40;

/** So many characters in a row of a secret are taken for a part of it; a path has its first nine at most by chance. */
const PART = 10;

/** How often a text may have been percent-encoded for it to be kept. */
const ENCODINGS_MAX = 3;

/**
 * Where a secret was found, as it can be kept: the address and path of an http URL of at most 500 characters. Its host
 * alone where the path holds a part of the secret, or what looks like another; null where nothing can be kept.
 */
export function keptUrl(url: unknown, secret: string): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, origin, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol) || !isClean(origin, secret)) return null;
  const whole = `${origin}${pathname}`;
  return whole.length <= LONGEST_URL && isClean(whole, secret) ? whole : bounded(`${origin}/`);
}

/** What a secret was found in, as it can be kept: one word such as `commit`; null where it is none. */
export function keptWord(word: unknown, secret: string): string | null {
  if (typeof word !== 'string' || word.length > LONGEST_WORD || !/^[\w-]+$/.test(word)) return null;
  return isClean(word, secret) ? word : null;
}

function bounded(text: string): string | null {
  return text.length <= LONGEST_URL ? text : null;
}

/** Whether nothing of a text, as it is and decoded, is of that secret or looks like one. */
function isClean(text: string, secret: string): boolean {
  let decoded = text;
  for (let count = 0; count <= ENCODINGS_MAX; count += 1) {
    if (scrub(decoded) !== decoded || holdsPart(decoded, secret)) return false;
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
function holdsPart(text: string, secret: string): boolean {
  const searched = bare(text);
  const sought = bare(secret);
  for (let from = 0; from + PART <= sought.length; from += 1) {
    if (searched.includes(sought.slice(from, from + PART))) return true;
  }
  return false;
}

function bare(text: string): string {
  return foldCase(text.normalize('NFKC')).replaceAll(/[^a-z\d]/g, '');
}
