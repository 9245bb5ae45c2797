import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

test('structure: only the command demo reaches the demo, and so the clock whose days pass at will', () => {
  const importers = globSync('**/*.ts', { cwd: src })
    .filter((file) => !file.startsWith('demo/'))
    .filter((file) => /['"/]demo\/[\w-]+\.ts['"]/.test(readFileSync(`${src}/${file}`, 'utf8')));
  expect(importers).toEqual(['cli/commands/demo.ts']);
  const users = globSync('**/*.ts', { cwd: src }).filter((file) =>
    readFileSync(`${src}/${file}`, 'utf8').includes('new StoryClock('),
  );
  expect(users).toEqual(['demo/open-demo-gateway.ts']);
});
