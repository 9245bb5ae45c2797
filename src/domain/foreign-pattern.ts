/** The longest pattern of foreign secrets, and the longest foreign secret, in characters. */
const PATTERN_MAX = 200;
export const FOREIGN_SECRET_MAX = 255;

/** Foreign secrets of fewer random bits can be guessed: they are refused. */
export const LEAST_RANDOM_BITS = 80;

/** A plain digest of fewer random bits could be searched for: the stored digest is a MAC under the sealing key. */
export const SEALED_BELOW_BITS = 128;

/** How many parts of a pattern may vary in length, so that matching takes bounded time. */
const VARIABLE_PARTS_MAX = 2;

/** A part of a pattern: characters of one set, so many times. */
interface Part {
  readonly set: ReadonlySet<string>;
  readonly least: number;
  readonly most: number;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
/** A class, an escaped character, \d, \w or a plain character; and how often it comes. */
const part =
  /(?:\[((?:\\[!-/:-@[-`{-~]|[!-Z^-~])+)\]|\\([dw]|[!-/:-@[-`{-~])|([\w\-:/@~%&=,;!#"'<>]))(?:\{(\d{1,3})(?:,(\d{1,3}))?\}|(\?))?/y;

/**
 * Parses a pattern of foreign secrets. A pattern is a sequence of characters and classes such as `[0-9a-f]`, each once or with
 * `?`, `{40}` or `{20,40}`: a part of regular expressions in which nothing can backtrack for long. Null: it is none.
 */
function parsePattern(pattern: string): readonly Part[] | null {
  if (pattern.length === 0 || pattern.length > PATTERN_MAX) return null;
  const parts: Part[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < pattern.length) {
    const [whole, list, escaped, plain, count, limit, option] = part.exec(pattern) ?? [];
    if (whole === undefined) return null;
    const set =
      list === undefined ? new Set(charactersOf(escaped ?? plain ?? '', escaped !== undefined)) : parseClass(list);
    const least = option === undefined ? Number(count ?? 1) : 0;
    const most = option === undefined ? Number(limit ?? count ?? 1) : 1;
    if (set === null || most < least || most === 0) return null;
    parts.push({ set, least, most });
  }
  return parts;
}

function charactersOf(character: string, isEscaped: boolean): string {
  if (isEscaped && character === 'd') return DIGITS;
  return isEscaped && character === 'w' ? `${LOWER}${UPPER}${DIGITS}_` : character;
}

/** Parses the inside of a class: characters and ranges. A class that begins with ^ is refused. */
function parseClass(list: string): ReadonlySet<string> | null {
  if (list.startsWith('^')) return null;
  const tokens = [...list.matchAll(/\\?(.)/gs)].map(([whole, character = '']) => ({ whole, character }));
  const set = new Set<string>();
  for (let index = 0; index < tokens.length; index += 1) {
    const { character: from = '', whole = '' } = tokens[index] ?? {};
    const to = tokens[index + 2]?.character;
    if (tokens[index + 1]?.whole === '-' && to !== undefined) {
      if (to < from) return null;
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1) set.add(String.fromCharCode(code));
      index += 2;
    } else set.add(from).delete('');
    if (whole.length === 2 && /[a-zA-Z]/.test(from)) return null;
  }
  return set;
}

/**
 * Returns why a pattern cannot be that of foreign secrets with so many random bits; null: it can be. It must not match what has the
 * form of a secret of this gateway, and leave room for the bits.
 */
export function foreignPatternProblem(pattern: string, randomBits: number): string | null {
  const parts = parsePattern(pattern);
  if (parts === null) {
    return `expected at most ${PATTERN_MAX} characters: characters and classes such as [0-9a-f], each once or with ?, {40} or {20,40}`;
  }
  if (parts.filter(({ least, most }) => least !== most).length > VARIABLE_PARTS_MAX) {
    return `expected at most ${VARIABLE_PARTS_MAX} parts that vary in length`;
  }
  const longest = parts.reduce((sum, { most }) => sum + most, 0);
  if (longest > FOREIGN_SECRET_MAX) return `it matches ${longest} characters; expected at most ${FOREIGN_SECRET_MAX}`;
  if (mayMatchOwn(parts)) return 'it matches secrets of this gateway; expected a pattern of foreign secrets alone';
  if (isReservedStart(parts)) {
    return 'its matches begin like another credential of this gateway (kt_, ktp_, eyJ), so that none would be found; expected another start';
  }
  const bits = Math.floor(parts.reduce((sum, { set, least }) => sum + least * Math.log2(set.size), 0));
  return bits < randomBits ? `its shortest match has room for ${bits} random bits; expected ${randomBits}` : null;
}

/**
 * Returns whether all matches begin like a secret, a portal session, an invitation or a token of this gateway: they are routed by
 * that start, and never taken for foreign secrets.
 */
function isReservedStart(parts: readonly Part[]): boolean {
  const start: ReadonlySet<string>[] = [];
  for (const { set, least, most } of parts) {
    start.push(...Array.from({ length: Math.min(least, 4) }, () => set));
    if (least !== most || start.length >= 4) break;
  }
  const isOnly = (place: number, characters: string) =>
    start[place] !== undefined && [...start[place]].every((character) => characters.includes(character));
  if (isOnly(0, 'e') && isOnly(1, 'y') && isOnly(2, 'J')) return true;
  return isOnly(0, 'k') && isOnly(1, 't') && (isOnly(2, '_') || (isOnly(2, LOWER) && isOnly(3, '_')));
}

/** Returns the expression that matches whole foreign secrets. The pattern must have been checked. */
export function compileForeignPattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** States of reading the form of a secret: its prefix from the start, in a word, after `_`; then its 49 digits. */
const [START, WORD, BREAK, OWN_DIGITS] = [0, 1, 2, 49];

/** Returns whether some text has both the form of a secret of this gateway and that of the pattern. */
function mayMatchOwn(parts: readonly Part[]): boolean {
  let states: ReadonlySet<number> = new Set([START]);
  for (const { set, least, most } of parts) {
    const has = (characters: string) => Array.from(characters).some((character) => set.has(character));
    const kinds = { isLower: has(LOWER + DIGITS), isUpper: has(UPPER), isBreak: set.has('_') };
    let reached = states;
    for (let count = 0; count < least; count += 1) reached = step(reached, kinds);
    const all = new Set(reached);
    for (let count = least; count < most; count += 1)
      for (const state of (reached = step(reached, kinds))) all.add(state);
    states = all;
  }
  return states.has(BREAK + OWN_DIGITS);
}

function step(
  states: ReadonlySet<number>,
  { isLower, isUpper, isBreak }: { isLower: boolean; isUpper: boolean; isBreak: boolean },
): ReadonlySet<number> {
  const next = new Set<number>();
  for (const state of states) {
    if (state <= BREAK && isLower) next.add(WORD);
    if (state === WORD && isBreak) next.add(BREAK);
    if (state >= BREAK && state < BREAK + OWN_DIGITS && (isLower || isUpper)) next.add(state + 1);
  }
  return next;
}
