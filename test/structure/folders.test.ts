import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

const folderOf = (path: string) => relative(src, path).split('/')[0] ?? '';

/** Returns which other folders of src each folder imports, types included. */
function readImports(): ReadonlyMap<string, ReadonlySet<string>> {
  const imports = new Map<string, Set<string>>();
  for (const file of globSync('**/*.ts', { cwd: src }).map((name) => join(src, name))) {
    const from = folderOf(file);
    const targets = imports.get(from) ?? new Set();
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const to = join(dirname(file), path);
      if (!relative(src, to).startsWith('..') && folderOf(to) !== from) targets.add(folderOf(to));
    }
    imports.set(from, targets);
  }
  return imports;
}

/** Returns the folders that a folder imports, directly or through others. */
function reach(from: string, imports: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (folder: string) => {
    for (const next of imports.get(folder) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      visit(next);
    }
  };
  visit(from);
  return reached;
}

// The linter finds circles of files (import/no-cycle).
test('structure: imports between the folders of src run one way, without a circle', () => {
  const imports = readImports();
  expect(reach('entry', imports).size).toBeGreaterThan(15);
  expect([...imports.keys()].filter((folder) => reach(folder, imports).has(folder))).toEqual([]);
});
