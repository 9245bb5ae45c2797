import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../src/domain/fold-case.ts';
import { quote } from '../../src/domain/quote.ts';
import { labelNameProblem, labelValueProblem, textProblem } from '../../src/domain/text.ts';

const anything = fc.string({ unit: 'binary', maxLength: 30 });
const name = { name: 'name', max: 10 };
const reason = { name: 'reason', max: 20, multiline: true };

/** Regular expressions with the flags iu fold by the same table of Unicode, inside the engine. */
function isSame(a: string, b: string): boolean {
  return new RegExp(`^\\u{${a.codePointAt(0)?.toString(16)}}$`, 'iu').test(b);
}

describe('textProblem', () => {
  it.each(['x', 'Zoë', '数据', '👩‍👩‍👧‍👦', ' padded ', "';--", '=1+1', '<b>', '🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀'])(
    'accepts %j',
    (value) => {
      expect(textProblem(value, name)).toBeNull();
    },
  );

  it.each([
    ['', 'name has 0 characters; expected at least 1'],
    ['🦀'.repeat(11), 'name has 11 characters; at most 10 are accepted'],
    ['a\0', 'name has a control character, U+0000 at character 2; none is accepted'],
    ['a\r\nb', 'name has a control character, U+000D at character 2; none is accepted'],
    ['🦀\t', 'name has a control character, U+0009 at character 2; none is accepted'],
    ['\u007f', 'name has a control character, U+007F at character 1; none is accepted'],
    ['a\u2028b', 'name has a control character, U+2028 at character 2; none is accepted'],
    ['ab\udc00', 'name has half of a surrogate pair, U+DC00 at character 3; expected well-formed Unicode'],
    ['\ud83e', 'name has half of a surrogate pair, U+D83E at character 1; expected well-formed Unicode'],
    [' \u00a0\u3000', 'name has only white space; expected visible characters'],
    ['\u200b\u2060\u3164\u2800', 'name has only white space; expected visible characters'],
  ])('refuses %j, saying what was found and what is expected', (value, problem) => {
    expect(textProblem(value, name)).toBe(problem);
  });

  it('accepts line breaks and tabs in a text of several lines, and no other control character', () => {
    expect(textProblem('one\r\n\ttwo\nthree', reason)).toBeNull();
    expect(textProblem('one\u001b[31m', reason)).toBe(
      'reason has a control character, U+001B at character 4; only line breaks and tabs are accepted',
    );
    expect(textProblem('\n\n', reason)).toBe('reason has only white space; expected visible characters');
  });

  it('counts code points against both bounds', () => {
    expect(textProblem('', { ...name, min: 0 })).toBeNull();
    expect(textProblem('🦀', { ...name, min: 2 })).toBe('name has 1 character; expected at least 2');
  });

  it('accepts only what a database, a log line and a terminal can take', () => {
    fc.assert(
      fc.property(anything, (value) => {
        if (textProblem(value, { name: 'name', max: 30 }) !== null) return;
        expect(value.isWellFormed()).toBe(true);
        expect([...value].every((c) => c >= ' ' && !(c >= '\u007f' && c < '\u00a0'))).toBe(true);
        expect(value.trim()).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('labels', () => {
  it.each(['repo', 'policy/tier', 'a', '0', 'ci.runner_os-arch/x', 'a'.repeat(63)])('accepts the name %j', (label) => {
    expect(labelNameProblem(label)).toBeNull();
  });

  it.each(['Repo', '/repo', 'repo/', '.a', 'a-', 'a b', 'é', 'a=b', 'repo\n', '__proto__'])(
    'refuses the name %j',
    (label) => {
      expect(labelNameProblem(label)).toMatch(/^(found )?label name /);
    },
  );

  it('says what a name is made of', () => {
    expect(labelNameProblem('Repo!')).toBe(
      'found label name "Repo!"; expected a-z and 0-9, with . _ - / between them, such as policy/tier',
    );
    expect(labelNameProblem('a'.repeat(64))).toBe('label name has 64 characters; at most 63 are accepted');
    expect(labelNameProblem('')).toBe('label name has 0 characters; expected at least 1');
  });

  it('bounds values at 256 characters', () => {
    expect(labelValueProblem('🦀'.repeat(256))).toBeNull();
    expect(labelValueProblem('🦀'.repeat(257))).toBe('label value has 257 characters; at most 256 are accepted');
  });
});

describe('quote', () => {
  it('repeats plain texts as they are, others escaped, long ones cut', () => {
    expect(quote('P1Y')).toBe('P1Y');
    expect(quote('a "b"\n')).toBe('"a \\"b\\"\\n"');
    expect(quote('\u009b31m\ud800')).toBe('"\\u009b31m\\ud800"');
    expect(quote('')).toBe('""');
    expect(quote('x'.repeat(41))).toBe(`${'x'.repeat(40)}…`);
  });

  it('never lets a control character or half a surrogate pair through', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(quote(value).isWellFormed()).toBe(true);
        expect(/[\p{Control}\u2028\u2029]/u.test(quote(value))).toBe(false);
      }),
    );
  });
});

describe('foldCase', () => {
  it('gives characters one text exactly where Unicode folds them together', () => {
    const letters = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code));
    const cased = letters.filter((letter) => /\p{Changes_When_Casemapped}/u.test(letter));
    expect(cased.length).toBeGreaterThan(2_500);
    expect(letters.filter((letter) => foldCase(letter) !== letter).every((letter) => cased.includes(letter))).toBe(
      true,
    );

    const groups = Map.groupBy(cased, foldCase);
    for (const [folded, group] of groups) {
      for (const letter of group) if (!isSame(letter, folded)) expect.fail(`${letter} folds to ${folded}`);
    }
    const all = cased.join('');
    for (const group of groups.values()) {
      const first = group[0]?.codePointAt(0)?.toString(16);
      const same = all.match(new RegExp(`\\u{${first}}`, 'giu')) ?? [];
      if (same.length !== group.length) expect.fail(`${same.join()} and ${group.join()} differ`);
    }
  });

  it('folds each character by itself, so that a folded part is the part of the folded whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(foldCase(a + b)).toBe(foldCase(a) + foldCase(b));
        expect(foldCase(foldCase(a))).toBe(foldCase(a));
      }),
    );
    expect(foldCase('ΣΑΣ')).toBe(foldCase('ς') + foldCase('α') + foldCase('σ'));
  });

  it('keeps the dotless and the dotted i of Turkish apart from the Latin one', () => {
    expect(foldCase('TITLE Iı İi')).toBe('title iı İi');
  });
});
