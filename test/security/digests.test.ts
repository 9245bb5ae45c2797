import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const source = new URL('../../src/', import.meta.url);

/** Compares digests of requests and of sealed texts, which are no secrets: whoever sends one knows it. */
const justified = new Set(['log/idempotency.ts', 'store/sealing.ts', 'store/migration-history.ts']);

test('digests: nothing but isSameDigest compares a secret or a digest, and that takes the same time for all', () => {
  const comparing =
    /\b(\w*digest|\w*secret|passwordHash)(\(\))?\s*(===|!==)(?!\s*(null|undefined))|(digest|secret)\w*\.equals\(/i;
  const found = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !justified.has(path))
    .filter((path) => comparing.test(withoutComments(readFileSync(new URL(path, source), 'utf8'))));
  expect(found).toEqual([]);
  expect(readFileSync(new URL('domain/secret.ts', source), 'utf8')).toContain('timingSafeEqual(');
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
