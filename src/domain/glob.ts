import { foldCase } from './text.ts';

/** How resources of a realm are compared: `foldsCase` is a property of the realm. */
export interface GlobOptions {
  foldsCase: boolean;
}

/** One sign of a tokenised glob: a code point, or one of the two wildcards. */
type Token = number;
const star: Token = -1;
const globstar: Token = -2;
const slash: Token = 0x2f;

/**
 * Why a glob is malformed, or null. Three stars or more in a row mean nothing that two do not, and are more likely a
 * slip than a wish; a malformed glob matches nothing and is included in nothing.
 */
export function globProblem(pattern: string): string | null {
  const run = /\*{3,}/.exec(pattern)?.[0];
  return run === undefined ? null : `${run} is no wildcard; write * (within a segment) or ** (across /)`;
}

/**
 * Whether a glob matches a whole text. `*` stands for any characters but `/`, `**` for any characters, each also for
 * none; everything else, `.` and `-` included, stands for itself.
 *
 * One pass over the text, which never goes back: time grows linearly with the text, whatever the pattern. A character
 * costs one step on a set of bits, one for each sign of the pattern (512 at most in a scope).
 */
export function matchesGlob(pattern: string, text: string, options: GlobOptions): boolean {
  if (globProblem(pattern) !== null) return false;
  return options.foldsCase ? matchesFolded(foldCase(pattern), foldCase(text)) : matchesFolded(pattern, text);
}

/**
 * Whether every text that `inner` matches is matched by `outer` too. Exact: true if and only if it is so (a malformed
 * glob on either side gives false). As fast as a match.
 *
 * The machine of `outer` reads `inner` as if it were a text, whose `*` only a wildcard of `outer` may take and whose
 * `**` only a `**`. What is accepted so is included: a wildcard that takes a wildcard takes all that it stands for.
 * And what is included is accepted so, once both are widened (see `widen`): put a character that `outer` does not name
 * for each `*` of `inner`, and for a `**` once that character and once a long row of it with `/` between. The runs of
 * `outer` over those two texts can be joined before or after that place to one in which a single `**` takes it.
 * The tests compare with the exact answer of automata.
 */
export function includesGlob(outer: string, inner: string, { foldsCase }: GlobOptions): boolean {
  if (globProblem(outer) !== null || globProblem(inner) !== null) return false;
  const widened = (glob: string) => widen(tokenise(foldsCase ? foldCase(glob) : glob));
  return accepts(widened(outer), widened(inner));
}

/** Compares the literal ends as strings, which settles nearly every real scope, and leaves the rest to the machine. */
function matchesFolded(pattern: string, text: string): boolean {
  const headLength = pattern.indexOf('*');
  if (headLength < 0) return pattern === text;
  const tail = pattern.slice(pattern.lastIndexOf('*') + 1);
  const restEnd = text.length - tail.length;
  if (restEnd < headLength || !text.startsWith(pattern.slice(0, headLength)) || !text.endsWith(tail)) return false;

  const wild = pattern.slice(headLength, pattern.length - tail.length);
  const rest = text.slice(headLength, restEnd);
  if (wild === '**') return true;
  if (wild === '*') return !rest.includes('/');
  return accepts(tokenise(wild), Array.from(rest, codePoint));
}

/**
 * Runs the glob as a nondeterministic machine whose state is a set of places, bit n for "the first n tokens are done".
 * Reads every symbol once, in order. Exported so that a test can count the reads.
 */
export function accepts(tokens: readonly Token[], symbols: Iterable<Token>): boolean {
  const literals = new Map<Token, bigint>();
  let globstars = 0n;
  let wildcards = 0n;
  for (const [place, token] of tokens.entries()) {
    const bit = 1n << BigInt(place);
    if (token === globstar) globstars |= bit;
    if (token < 0) wildcards |= bit;
    else literals.set(token, (literals.get(token) ?? 0n) | bit);
  }
  /** A wildcard may stand for nothing. One step is enough, for no two wildcards are neighbours. */
  const skipWildcards = (places: bigint) => places | ((places & wildcards) << 1n);

  let places = skipWildcards(1n);
  for (const symbol of symbols) {
    const staying = symbol === slash || symbol === globstar ? globstars : wildcards;
    places = skipWildcards(((places & (literals.get(symbol) ?? 0n)) << 1n) | (places & staying));
    if (places === 0n) return false;
  }
  return places >> BigInt(tokens.length) === 1n;
}

function tokenise(pattern: string): Token[] {
  return (pattern.match(/\*\*?|[^*]/gu) ?? []).map((part) =>
    part === '**' ? globstar : part === '*' ? star : codePoint(part),
  );
}

// Of the slashes that a ** takes, the last (or the first) can always be the written one: so **/* and */** match what
// **/** matches, wherever they stand. A line comment, because a block comment would end in the middle of it.
/** The same texts, with `*` written as `**` wherever only a slash parts it from a `**`. */
function widen(tokens: Token[]): Token[] {
  const widenAt = (place: number, step: number) => {
    if (tokens[place] !== star || tokens[place + step] !== slash) return;
    if (tokens[place + 2 * step] === globstar) tokens[place] = globstar;
  };
  for (let place = tokens.length - 1; place >= 0; place--) widenAt(place, 1);
  for (let place = 0; place < tokens.length; place++) widenAt(place, -1);
  return tokens;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
