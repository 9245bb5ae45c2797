import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = new URL('../../docs/threats.md', import.meta.url);

/** The threats that have been met, by their number. A new one is a row of the page and its number here. */
const met = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
  33, 34, 35, 36, 37, 39, 40, 42, 43, 44, 45, 46, 48, 49, 50, 52, 54,
];

test('docs/threats.md: every threat that has been met has its row', () => {
  expect(rows().map(({ number }) => number)).toEqual(met);
});

test('docs/threats.md: every test that it names is there', () => {
  for (const { number, proofs } of rows()) {
    expect(proofs.length, `threat ${number}`).toBeGreaterThan(0);
    for (const { path, title } of proofs) {
      const text = readFileSync(new URL(path, page), 'utf8');
      expect(text.includes(title), `threat ${number}: ${path} has no test “${title}”`).toBe(true);
    }
  }
});

function rows() {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => /^\| *\d+ *\|/.test(line))
    .map((line) => {
      const [, number, , , proof = ''] = line.split('|');
      const proofs = [...proof.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title = '', path = '']) => ({
        title,
        path,
      }));
      return { number: Number(number), proofs };
    });
}
