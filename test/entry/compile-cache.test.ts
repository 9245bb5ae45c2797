import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/scratch-folder.ts';

const moduleUrl = pathToFileURL(join(import.meta.dirname, '../../src/entry/compile-cache.ts')).href;

/** Runs a program that caches its modules as a gateway with this data folder does. */
function run(dataDir: string): number | null {
  const program = `import { cacheCompiledModules } from '${moduleUrl}';
    cacheCompiledModules({ KEYTIDE_DATA_DIR: ${JSON.stringify(dataDir)} });
    await import('node:module');
    await import('${new URL('../domain/duration.ts', moduleUrl).href}');`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program]).status;
}

test('compile cache: a start caches what it compiles in the data folder, which only the gateway creates', () => {
  const folder = scratchFolder();
  const [present, missing] = [join(folder, 'present'), join(folder, 'missing')];
  mkdirSync(present);
  expect([run(present), run(missing)]).toEqual([0, 0]);
  expect(readdirSync(join(present, 'compiled')).length).toBeGreaterThan(0);
  expect(existsSync(missing)).toBe(false);
});
