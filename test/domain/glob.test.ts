import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, globProblem, includesGlob, matchesGlob } from '../../src/domain/glob.ts';
import { includes, matches } from './glob-oracle.ts';

const exactly = { foldsCase: false };
const folding = { foldsCase: true };

/** Globs of signs over a small alphabet, no two wildcards side by side. */
const glob = fc
  .array(fc.constantFrom('a', 'b', '.', '/', '*', '**'), { maxLength: 14 })
  .map((signs) => signs.filter((sign, at) => !(sign.startsWith('*') && signs[at - 1]?.startsWith('*'))).join(''));
const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/'), maxLength: 14 });

const signsOf = (pattern: string) => pattern.match(/\*\*?|[^*]/gu) ?? [];
const repeat = (length: number, ...signs: number[]) => Array.from({ length }, (_, at) => signs[at % signs.length]!);

function globsUpTo(length: number): string[][] {
  const shorter = length === 0 ? [] : globsUpTo(length - 1);
  const longest = shorter.filter((signs) => signs.length === length - 1);
  const grown = longest.flatMap((signs) =>
    ['a', '/', '*', '**']
      .filter((sign) => !(sign.startsWith('*') && signs.at(-1)?.startsWith('*')))
      .map((sign) => [...signs, sign]),
  );
  return length === 0 ? [[]] : [...shorter, ...grown];
}

function textsUpTo(length: number): string[] {
  if (length === 0) return [''];
  const shorter = textsUpTo(length - 1);
  return [
    ...shorter,
    ...shorter.filter((t) => t.length === length - 1).flatMap((t) => ['a', 'b', '/'].map((c) => t + c)),
  ];
}

describe('matchesGlob', () => {
  it.each([
    ['Serilog.*', 'Serilog.Sinks.Console', true],
    ['Serilog.*', 'Serilog.', true],
    ['Serilog.*', 'SerilogXSinks', false],
    ['Serilog.*', 'Serilog.Sinks/Console', false],
    ['Serilog.**', 'Serilog.Sinks/Console', true],
    ['org/*/read', 'org/a/read', true],
    ['org/*/read', 'org//read', true],
    ['org/*/read', 'org/a/b/read', false],
    ['org/**/read', 'org/a/b/read', true],
    ['org/**/read', 'org/read', false],
    ['a*a', 'a', false],
    ['a**a', 'a', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a', '', false],
    ['**', 'any/thing\nat all', true],
    ['a?c', 'abc', false],
    ['a?c', 'a?c', true],
    ['[ab]', 'a', false],
    ['{a,b}', 'a', false],
    ['a\\*', 'a*', false],
    ['a\\*', 'a\\b', true],
    ['(a+)+$', '(a+)+$', true],
    ['a*', 'a*b', true],
    ['*.🦀/*', 'x.🦀/y', true],
    ['**/a*b/**', 'x/ab/y', true],
    ['**/a*b/**', 'x/a/b/y', false],
    ['**/*-ci/settings/**', 'eu/org/repo-ci/settings/x/y', true],
  ])('%j on %j: %s', (pattern, resource, expected) => {
    expect(matchesGlob(pattern, resource, exactly)).toBe(expected);
  });

  it('answers as a regular expression of the same meaning does', () => {
    fc.assert(
      fc.property(glob, text, (pattern, resource) => {
        expect(matchesGlob(pattern, resource, exactly)).toBe(matches(pattern, resource));
      }),
      { numRuns: 5_000 },
    );
  });

  it('matches every text that is made by filling in its wildcards', () => {
    fc.assert(
      fc.property(glob, fc.infiniteStream(text), (pattern, fillings) => {
        const filled = pattern.replace(/\*\*?/g, (wildcard) => {
          const filling = fillings.next().value;
          return wildcard === '*' ? filling.replaceAll('/', '') : filling;
        });
        expect(matchesGlob(pattern, filled, exactly)).toBe(true);
      }),
    );
  });

  it('folds case where the realm does, and only there', () => {
    expect(matchesGlob('SERILOG.*', 'serilog.Sinks', exactly)).toBe(false);
    expect(matchesGlob('SERILOG.*', 'serilog.Sinks', folding)).toBe(true);
    expect(matchesGlob('ΟΔΟΣ*', 'οδος', folding)).toBe(true);
    expect(matchesGlob('ΟΔΟΣ*', 'οδοσα', folding)).toBe(true);
    expect(matchesGlob('i*', 'ıx', folding)).toBe(false);
    expect(matchesGlob('straße', 'STRASSE', folding)).toBe(false);
  });

  it('matches nothing with three stars in a row, and says why', () => {
    for (const pattern of ['***', 'a***', 'a/****/b']) {
      expect(matchesGlob(pattern, pattern, exactly)).toBe(false);
      expect(includesGlob('**', pattern, exactly)).toBe(false);
      expect(includesGlob(pattern, 'a', exactly)).toBe(false);
    }
    expect(globProblem('a/****/b')).toBe('**** is not a wildcard; write * (within a segment) or ** (across /)');
    expect(globProblem('a/**/*b')).toBeNull();
  });
});

describe('includesGlob', () => {
  it.each([
    ['**', '*', true],
    ['*', '**', false],
    ['Serilog.*', 'Serilog.Sinks.*', true],
    ['Serilog.*', 'Serilog.**', false],
    ['Serilog.Sinks.*', 'Serilog.*', false],
    ['org/**', 'org/*/read', true],
    ['org/*/read', 'org/**/read', false],
    ['*a*', 'b*a', true],
    ['*/**', '**/*', true],
    ['**/*', '*/**', true],
    ['a/*/**', 'a/**/b', true],
    ['**/**', '**', false],
    ['a', 'a', true],
    ['*', '', true],
    ['', '*', false],
  ])('%j includes %j: %s', (outer, inner, expected) => {
    expect(includesGlob(outer, inner, exactly)).toBe(expected);
  });

  it('is exact for all pairs of globs of up to four signs and of a seventh of those of five', () => {
    const globs = globsUpTo(4);
    const longer = globsUpTo(5).filter((_, at) => at % 7 === 0);
    let included = 0;
    for (const outer of [...globs, ...longer]) {
      for (const inner of [...globs, ...longer]) {
        const expected = includes(outer, inner);
        if (expected) included += 1;
        if (includesGlob(outer.join(''), inner.join(''), exactly) !== expected) {
          expect.fail(`${outer.join('')} includes ${inner.join('')}: expected ${expected}`);
        }
      }
    }
    expect(included).toBeGreaterThan(1_000);
  });

  it('is exact for longer random globs, and ones made by narrowing the outer', () => {
    const pair = fc.oneof(
      fc.tuple(glob, glob),
      fc
        .tuple(glob, fc.infiniteStream(fc.constantFrom('', 'a', '*', '**', '/', '*/*', '**/b', 'a*')))
        .map(([outer, fillings]) => {
          const inner = outer.replace(/\*\*?/g, () => fillings.next().value);
          return [outer, inner.replace(/\*{3,}/g, '**')] as [string, string];
        }),
    );
    fc.assert(
      fc.property(pair, ([outer, inner]) => {
        expect(includesGlob(outer, inner, exactly)).toBe(includes(signsOf(outer), signsOf(inner)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never says yes when a text is matched by the inner alone', () => {
    const texts = textsUpTo(5);
    fc.assert(
      fc.property(glob, glob, (outer, inner) => {
        if (!includesGlob(outer, inner, exactly)) return;
        for (const found of texts.filter((t) => matches(inner, t))) expect(matches(outer, found)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is reflexive and transitive', () => {
    fc.assert(
      fc.property(glob, glob, glob, (a, b, c) => {
        expect(includesGlob(a, a, exactly)).toBe(true);
        if (includesGlob(a, b, exactly) && includesGlob(b, c, exactly)) {
          expect(includesGlob(a, c, exactly)).toBe(true);
        }
      }),
    );
  });

  it('folds case where the realm does', () => {
    expect(includesGlob('Serilog.*', 'SERILOG.Sinks', folding)).toBe(true);
    expect(includesGlob('Serilog.*', 'SERILOG.Sinks', exactly)).toBe(false);
  });
});

describe('the time of a match', () => {
  const [star, globstar, a, slash] = [-1, -2, 0x61, 0x2f];
  const hostile: [string, (length: number) => number[], (length: number) => number[]][] = [
    ['a*a*…b', (n) => [...repeat(n, a, star), a + 1], (n) => repeat(n, a)],
    ['**a**a…b', (n) => [...repeat(n, globstar, a), a + 1], (n) => repeat(n, a, slash)],
    [
      '**/*a/*a/…/b**',
      (n) => [globstar, ...repeat(n, slash, star, a), slash, a + 1, globstar],
      (n) => repeat(n, slash, a),
    ],
    ['a*/a*/… read as a glob', (n) => repeat(n, a, star, slash), (n) => repeat(n, a, globstar, slash)],
  ];

  it.each(hostile)('%s: every sign of both sides is read once, in order, at any length', (_, pattern, resource) => {
    for (const length of [64, 128, 256, 512]) {
      const reads = { tokens: 0, symbols: 0 };
      const tokens = new Proxy(pattern(length), {
        get(target, property, receiver) {
          if (typeof property === 'string' && /^\d+$/.test(property)) reads.tokens += 1;
          return Reflect.get(target, property, receiver) as unknown;
        },
      });
      const symbols = function* () {
        for (const symbol of resource(length)) {
          reads.symbols += 1;
          yield symbol;
        }
      };
      accepts(tokens, symbols());
      expect(reads.tokens).toBe(pattern(length).length);
      expect(reads.symbols).toBeLessThanOrEqual(length);
    }
  });

  it('is short for the longest hostile scopes', () => {
    for (let round = 0; round < 25; round++) {
      expect(matchesGlob('a*'.repeat(255) + 'b*', 'a'.repeat(512), exactly)).toBe(false);
      expect(matchesGlob('**a'.repeat(170) + '*', 'a'.repeat(512), exactly)).toBe(true);
      expect(matchesGlob(`**/${'*a/'.repeat(168)}b**`, '/a'.repeat(256), exactly)).toBe(false);
      expect(includesGlob('*a'.repeat(256), 'a*'.repeat(255) + 'ab', exactly)).toBe(false);
    }
  });
});
