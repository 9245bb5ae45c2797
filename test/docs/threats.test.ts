import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = new URL('../../docs/threats.md', import.meta.url);

/** The numbers of the threats that are met. A new threat gets a row on the page and its number here. */
const met = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
  33, 34, 35, 36, 37, 39, 40, 42, 43, 44, 45, 46, 48, 49, 50, 52, 53, 54, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66,
  67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 95, 96, 97,
];

test('docs/threats.md: every threat that is met has a row', () => {
  expect(rows().map(({ number }) => number)).toEqual(met);
});

test('docs/threats.md: every test that it names exists', () => {
  for (const { number, proofs } of rows()) {
    expect(proofs.length, `threat ${number}`).toBeGreaterThan(0);
    for (const { path, title } of proofs) {
      const hasTitle = readFileSync(new URL(path, page), 'utf8')
        .split('\n')
        .some((line) => isIn(line, title));
      expect(hasTitle, `threat ${number}: ${path} has no test “${title}”`).toBe(true);
    }
  }
});

/** Whether the parts of a title stand in the line, in order. “…” stands for a value that the title contains. */
function isIn(line: string, title: string): boolean {
  let from = 0;
  return title.split('…').every((part) => {
    const at = line.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

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
