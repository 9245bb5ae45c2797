import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Returns what the files of a folder import of ours, as paths in src. */
function importsOf(files: readonly string[]): string[] {
  return files.flatMap((file) =>
    [...readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
      relative(src, join(src, dirname(file), path)),
    ),
  );
}

test('structure: the console has three modules of the domain, the reader of calendars, and nothing else of the server', () => {
  const files = globSync('console/**/*.{ts,tsx}', { cwd: src, exclude: ['console/built/**', 'console/tools/**'] });
  expect(files.length).toBeGreaterThan(20);
  const foreign = importsOf(files).filter((path) => !path.startsWith('console/'));
  expect(foreign.length).toBeGreaterThan(0);
  const isShared = (path: string) =>
    ['domain/duration.ts', 'domain/glob.ts', 'domain/selector.ts'].includes(path) || path.startsWith('calendar/');
  expect(foreign.filter((path) => !isShared(path))).toEqual([]);
});

test('structure: nothing of the server imports the console', () => {
  const files = globSync('**/*.ts', { cwd: src, exclude: ['console/**'] });
  expect(importsOf(files).filter((path) => path.startsWith('console/'))).toEqual([]);
});
