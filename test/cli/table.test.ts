import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import { isUtf8Locale } from '../../src/cli/is-utf8-locale.ts';
import { measureWidth, truncateText, wrapText } from '../../src/cli/text-width.ts';
import { writeTable } from '../../src/cli/write-table.ts';
import { seededDraw } from '../support/seeded-random.ts';

const ID = 'key_01m844dzg0e0680bf2pdw0sg5c';
const ellipsis = '…';

test.each([
  ['release', 7],
  ['', 0],
  ['Größe', 5],
  ['Gro\u0308ße', 5],
  ['発行', 4],
  ['ｗｉｄｅ', 8],
  ['한국어', 6],
  ['👩‍👩‍👧 x', 4],
  ['❤️', 2],
  ['🇩🇪', 2],
  ['שלום', 4],
  ['a\u200Bb', 2],
  [styleText('red', '発', { validateStream: false }), 2],
])('width: %j takes %i columns', (text, width) => {
  expect(measureWidth(text)).toBe(width);
});

test('width: a text is cut between characters, at the width or one column before it, and keeps its style', () => {
  const texts = [
    'release-tools',
    '発行された鍵',
    'a👩‍👩‍👧b👩‍👩‍👧c',
    styleText('red', 'HELD by 管理者 now', { validateStream: false }),
  ];
  for (const text of texts) {
    for (let width = 0; width <= measureWidth(text) + 1; width += 1) {
      const cut = truncateText(text, width, ellipsis);
      expect(measureWidth(cut)).toBeLessThanOrEqual(width);
      if (width >= measureWidth(text)) expect(cut).toBe(text);
      else if (width > 0) {
        expect(measureWidth(cut)).toBeGreaterThanOrEqual(width - 1);
        const shown = stripVTControlCharacters(cut);
        expect(shown.endsWith(ellipsis)).toBe(true);
        expect(stripVTControlCharacters(text).startsWith(shown.slice(0, -1))).toBe(true);
        expect(cut).not.toMatch(/\uFFFD|\u200D…/);
        // The color ends where the text ends.
        expect(cut.split('\u001B').length).toBe(text.split('\u001B').length);
      }
    }
  }
});

test('table: fits the terminal, cuts the widest columns, and never an id', () => {
  const rows = [
    [ID, '発行された鍵 of the release tools', 'default', 'ACTIVE', '2027-01-02 12:00 UTC (in 30 days)'],
    [ID, 'x', 'default', styleText('red', 'HELD', { validateStream: false }), ''],
  ];
  const headings = ['ID', 'NAME', 'REALM', 'STATE', 'STOPS'];
  for (const columns of [80, 81, 90, 100, 120]) {
    const lines = writeTable(headings, rows, { columns, ellipsis });
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(measureWidth(line)).toBeLessThanOrEqual(columns);
    for (const line of lines.slice(1)) expect(line).toContain(ID);
    // Columns stay aligned, whatever stands in them.
    const starts = lines.map((line) => {
      const shown = stripVTControlCharacters(line);
      return measureWidth(shown.slice(0, shown.search(/REALM|default/)));
    });
    expect(new Set(starts).size).toBe(1);
  }
  expect(writeTable(headings, rows, { columns: 80, ellipsis })[1]).toContain('…');
  const whole = writeTable(headings, rows, { columns: null, ellipsis });
  expect(whole.join('')).not.toContain('…');
  expect(writeTable(headings, rows, { columns: 120, ellipsis })).toEqual(whole);
});

test('table: sentences are wrapped and not cut', () => {
  const sentence = 'The secret is older than 90 days: run keytide renew, or rotate the key by hand before it stops.';
  const lines = writeTable(['WHAT', 'FOUND', ''], [['release', 'BAD', sentence]], { columns: 50, ellipsis });
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(50);
  expect(
    lines
      .slice(1)
      .map((line) => line.slice(14).trim())
      .join(' '),
  ).toContain(sentence.slice(-30));
  expect(wrapText(sentence, 20).join(' ')).toBe(sentence);
  expect(wrapText('x'.repeat(30), 20)).toEqual(['x'.repeat(30)]);
});

test('table: any table fits any terminal that has room for the least width of its columns', () => {
  const draw = seededDraw(7);
  const pieces = ['a', 'release', '鍵', '👩‍👩‍👧', 'ö', ' ', '—', 'x'.repeat(30)];
  for (let round = 0; round < 300; round += 1) {
    const width = 1 + draw.below(6);
    const cell = () => Array.from({ length: draw.below(8) }, () => draw.pick(pieces)).join('');
    const rows = Array.from({ length: 1 + draw.below(5) }, () => Array.from({ length: width }, cell));
    const headings = Array.from({ length: width }, (_, index) => `H${index}`);
    const columns = width * 10 + draw.below(100);
    for (const line of writeTable(headings, rows, { columns, ellipsis })) {
      expect(measureWidth(line)).toBeLessThanOrEqual(columns);
    }
  }
});

test('table: the locale says whether a terminal shows more than ASCII', () => {
  const linux = (env: NodeJS.ProcessEnv) => isUtf8Locale(env, 'linux');
  expect(linux({ LANG: 'de_DE.UTF-8' })).toBe(true);
  expect(linux({ LANG: 'C.utf8', LC_ALL: '' })).toBe(true);
  expect(linux({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(linux({ LC_CTYPE: 'POSIX', LANG: 'de_DE.UTF-8' })).toBe(false);
  expect(linux({})).toBe(false);
  expect(isUtf8Locale({}, 'darwin')).toBe(true);
});
