import { foldCase } from './fold-case.ts';

/** How resources are compared. `foldsCase` is a property of the realm. */
export interface GlobOptions {
  foldsCase: boolean;
}

/** One token of a glob: a code point, or one of the two wildcards. */
type Token = number;
const star: Token = -1;
const globstar: Token = -2;
const slash: Token = 0x2f;

/**
 * Returns why a glob is malformed; null: it is well formed. Three or more stars in a row would mean the same as two and are
 * most likely a mistake. A malformed glob matches nothing and is included in nothing.
 */
export function globProblem(pattern: string): string | null {
  const run = /\*{3,}/.exec(pattern)?.[0];
  return run === undefined ? null : `${run} is not a wildcard; write * (within a segment) or ** (across /)`;
}

/**
 * Whether a glob matches a whole text. `*` stands for zero or more characters other than `/`, `**` for zero or more characters.
 * Every other character, `.` and `-` included, stands for itself.
 *
 * Takes one pass over the text without backtracking, so that time is linear in the text for every pattern (no ReDoS). A
 * character costs one step on a bit set with a bit for each token of the pattern (at most 512 in a scope).
 */
export function matchesGlob(pattern: string, text: string, options: GlobOptions): boolean {
  return options.foldsCase ? matchesFolded(foldCase(pattern), foldCase(text)) : matchesFolded(pattern, text);
}

/**
 * Whether `outer` matches every text that `inner` matches. Exact in both directions; a malformed glob on either side gives
 * false. As fast as a match.
 *
 * The automaton of `outer` reads `inner` as if it were a text in which a `*` can be consumed only by a wildcard of `outer`,
 * and a `**` only by a `**`. Accepted implies included: a wildcard that consumes a wildcard consumes all that it stands for.
 * Included implies accepted, once both globs are widened (see `widen`): replace each `*` of `inner` by a character that
 * `outer` does not name, and each `**` once by that character and once by a long row of it with `/` between. The runs of
 * `outer` over those two texts can be joined, before or after that place, into one in which a single `**` consumes it.
 * The tests compare the result with that of exact automata.
 */
export function includesGlob(outer: string, inner: string, { foldsCase }: GlobOptions): boolean {
  if (globProblem(outer) !== null || globProblem(inner) !== null) return false;
  const widened = (glob: string) => widen(tokenise(foldsCase ? foldCase(glob) : glob));
  return accepts(widened(outer), widened(inner));
}

/** What is between the literal ends of a glob: one wildcard alone, or more, which only the automaton can match. */
const Middle = { star: 0, globstar: 1, mixed: 2, malformed: 3 } as const;

/** A glob with a wildcard: the text before the first one and after the last one, and what is between. */
interface ParsedGlob {
  readonly head: string;
  readonly tail: string;
  /** The length of both. */
  readonly literalLength: number;
  readonly middle: (typeof Middle)[keyof typeof Middle];
}

/** How many globs are remembered as parsed: those of the scopes that a process verifies again and again. */
const PARSED_MAX = 2_000;

const parsed = new Map<string, ParsedGlob>();

function parseGlob(pattern: string): ParsedGlob {
  const start = pattern.indexOf('*');
  const end = pattern.lastIndexOf('*') + 1;
  const glob = {
    head: pattern.slice(0, start),
    tail: pattern.slice(end),
    literalLength: pattern.length - (end - start),
    middle: middleOf(pattern.slice(start, end)),
  };
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(pattern, glob);
  return glob;
}

function middleOf(wild: string): ParsedGlob['middle'] {
  if (wild === '*') return Middle.star;
  if (wild === '**') return Middle.globstar;
  return wild.includes('***') ? Middle.malformed : Middle.mixed;
}

/** Compares the literal ends as strings, which decides nearly every real scope, and leaves the rest to the automaton. */
function matchesFolded(pattern: string, text: string): boolean {
  let glob = parsed.get(pattern);
  if (glob === undefined) {
    if (!pattern.includes('*')) return pattern === text;
    glob = parseGlob(pattern);
  }
  const { head, tail, literalLength, middle } = glob;
  if (middle === Middle.malformed || text.length < literalLength || !text.startsWith(head)) return false;
  if (tail.length > 0 && !text.endsWith(tail)) return false;
  if (middle === Middle.globstar) return true;
  const rest = text.slice(head.length, text.length - tail.length);
  if (middle === Middle.star) return !rest.includes('/');
  return accepts(tokenise(pattern.slice(head.length, pattern.length - tail.length)), Array.from(rest, codePoint));
}

/**
 * Runs the glob as a nondeterministic automaton. Its state is a set of places: bit n means that the first n tokens have
 * matched. Reads every symbol once, in order. Exported so that a test can count the reads.
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
  /** A wildcard may match nothing. One step is enough, because no two wildcards are adjacent. */
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

// The written slash can always be the last (or first) slash that the neighbouring ** would match. So **/* and */** match the
// same texts as **/**, in any position. This is a line comment because a block comment would end within it.
/** Replaces each `*` that only a slash separates from a `**` by `**`. The glob matches the same texts as before. */
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
