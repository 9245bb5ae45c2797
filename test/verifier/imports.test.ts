import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Returns every file and module that a file of src imports, directly or through others, types included. */
function reach(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (path.startsWith('.')) visit(join(dirname(file), path));
      else reached.add(path);
    }
  };
  visit(join(src, entry));
  return reached;
}

test.each(['verifier/verifier.ts', 'verifier/middleware.ts'])(
  'verifier: %s imports only rules and modules of Node, and nothing of the server',
  (entry) => {
    const found = [...reach(entry)].map((name) => (name.startsWith(src) ? relative(src, name) : name));
    expect(found.filter((name) => !/^(?:verifier\/|domain\/|node:)/.test(name))).toEqual([]);
    expect(found.filter((name) => name.startsWith('domain/')).length).toBeGreaterThan(1);
  },
);
