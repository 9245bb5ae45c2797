import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { evaluateDays, childIds, currentVersion, policyText, policyWorld, writeText } from './policy-world.ts';

test('runtime: a module is described, with its configuration as JSON Schema', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  const runtime = await world.start();
  expect(runtime.problems()).toEqual([]);
  expect(runtime.versions()).toEqual([
    {
      name: 'honest',
      version: '1.0.0',
      title: 'Warns',
      summary: 'Warns after 30 days.',
      hash: expect.stringMatching(/^[\da-f]{64}$/),
      decides: ['DORMANCY'],
      reads: [],
      configSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          spare: { type: 'integer', minimum: 0, maximum: 9007199254740991, default: 0 },
          note: { type: 'string' },
        },
      },
      isCurrent: true,
      documentation: null,
    },
  ]);
  expect(runtime.find(runtime.versions()[0]!.hash)).toEqual(runtime.versions()[0]);
});

test('runtime: a file that is added, changed, broken, repaired and removed is followed, and older versions stay', async () => {
  const world = policyWorld(scratchFolder());
  const file = join(world.extra, 'mine.ts');
  const runtime = await world.start();
  let changes = 0;
  runtime.onChange(() => (changes += 1));
  expect(runtime.versions()).toEqual([]);

  writeText(file, policyText({ name: 'mine', days: 1 }));
  await runtime.refresh();
  const first = currentVersion(runtime, 'mine')!.hash;
  expect(await evaluateDays(runtime, first)).toEqual([1]);

  writeText(file, policyText({ name: 'mine', days: 2 }));
  await runtime.refresh();
  const second = currentVersion(runtime, 'mine')!.hash;
  expect(second).not.toBe(first);
  expect(runtime.versions().map(({ hash, isCurrent }) => [hash, isCurrent])).toEqual([
    [second, true],
    [first, false],
  ]);
  expect([await evaluateDays(runtime, first), await evaluateDays(runtime, second)]).toEqual([[1], [2]]);

  writeText(file, policyText({ name: 'mine', days: 3 }).slice(0, -40));
  await runtime.refresh();
  expect(currentVersion(runtime, 'mine')).toBeUndefined();
  expect(runtime.problems()).toEqual([{ source: file, message: expect.stringMatching(/^It does not load: \S/) }]);
  expect([await evaluateDays(runtime, first), await evaluateDays(runtime, second)]).toEqual([[1], [2]]);

  writeText(file, policyText({ name: 'mine', days: 1 }));
  await runtime.refresh();
  expect(currentVersion(runtime, 'mine')!.hash).toBe(first);
  expect(runtime.problems()).toEqual([]);

  rmSync(file);
  await runtime.refresh();
  expect(runtime.versions().map(({ isCurrent }) => isCurrent)).toEqual([false, false]);
  expect(await evaluateDays(runtime, second)).toEqual([2]);

  expect(changes).toBe(5);
  await runtime.refresh();
  expect(changes).toBe(5);
});

test('runtime: a version whose file has changed or gone can be run after a restart', async () => {
  const world = policyWorld(scratchFolder());
  const file = join(world.extra, 'mine.ts');
  writeText(file, policyText({ name: 'mine', days: 1 }));
  const before = await world.start();
  const { hash } = currentVersion(before, 'mine')!;
  await before.stop();

  rmSync(file);
  const after = await world.start();
  expect(after.versions().map((version) => [version.hash, version.isCurrent])).toEqual([[hash, false]]);
  expect(await evaluateDays(after, hash)).toEqual([1]);
});

test('runtime: a version that never loaded is not stored, and a changed or incomplete copy is not run', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.extra, 'mine.ts'), policyText({ name: 'mine' }));
  writeText(join(world.extra, 'broken.ts'), 'export default {');
  const before = await world.start();
  const { hash } = currentVersion(before, 'mine')!;
  expect(readdirSync(world.store)).toEqual([hash]);
  await before.stop();

  rmSync(join(world.extra, 'mine.ts'));
  writeFileSync(join(world.store, hash, 'mine.ts'), policyText({ name: 'mine', days: 9999 }));
  mkdirSync(join(world.store, '.0a0a0a0a-0a0a'));
  const after = await world.start();
  expect(after.versions()).toEqual([]);
  expect(after.problems()).toContainEqual({
    source: join(world.store, hash),
    message: 'It was unreadable, or its files did not match its hash. It was removed.',
  });
  expect(await evaluateDays(after, hash)).toEqual(['MISSING']);
  expect(readdirSync(world.store)).toEqual([]);
});

test('runtime: two sources with one name are reported with both paths, and the first gets the name', async () => {
  const world = policyWorld(scratchFolder());
  const [first, second] = [join(world.plugins, 'z.ts'), join(world.extra, 'a.ts')];
  writeText(first, policyText({ name: 'same', days: 1 }));
  writeText(second, policyText({ name: 'same', days: 2 }));
  const runtime = await world.start();
  expect(await evaluateDays(runtime, currentVersion(runtime, 'same')!.hash)).toEqual([1]);
  const message = `${second} has the name same, which ${first} has already.`;
  expect(runtime.problems()).toEqual([{ source: second, message }]);

  rmSync(first);
  await runtime.refresh();
  expect(await evaluateDays(runtime, currentVersion(runtime, 'same')!.hash)).toEqual([2]);
  expect(runtime.problems()).toEqual([]);
});

test('runtime: templates, hidden files, tests, cases and declarations are not modules', async () => {
  const world = policyWorld(scratchFolder());
  const names = [
    '_template.ts',
    '.hidden.ts',
    'a.test.ts',
    'a.cases.ts',
    'a.d.ts',
    'readme.md',
    '_folder/index.ts',
    'plain/other.ts',
  ];
  for (const name of names) writeText(join(world.extra, name), policyText({ name: 'no-module' }));
  const runtime = await world.start();
  expect([runtime.versions(), runtime.problems()]).toEqual([[], []]);
});

test('runtime: a folder is one module, with all its files in its hash', async () => {
  const world = policyWorld(scratchFolder());
  const folder = join(world.extra, 'wide');
  const head = `import { spare as more } from './deep/more.js';`;
  writeText(join(folder, 'index.ts'), policyText({ name: 'wide', head, before: 'spare += more;' }));
  writeText(join(folder, 'deep/more.js'), `export { spare } from '../_inner.mjs';`);
  writeText(join(folder, '_inner.mjs'), 'export const spare = 5;');
  writeText(join(folder, 'index.test.ts'), 'export default {');
  const runtime = await world.start();
  expect(runtime.problems()).toEqual([]);
  const { hash } = currentVersion(runtime, 'wide')!;
  expect(await evaluateDays(runtime, hash)).toEqual([35]);

  writeText(join(folder, '_inner.mjs'), 'export const spare = 6;');
  writeText(join(folder, 'index.test.ts'), '');
  await runtime.refresh();
  expect(currentVersion(runtime, 'wide')!.hash).not.toBe(hash);
  expect(await evaluateDays(runtime, currentVersion(runtime, 'wide')!.hash)).toEqual([36]);
  expect(await evaluateDays(runtime, hash)).toEqual([35]);
});

test('runtime: a link that leads out of its folder is refused, one that stays within it is followed', async () => {
  const scratch = scratchFolder();
  const world = policyWorld(scratch);
  writeText(join(scratch, 'outside.ts'), policyText({ name: 'outside' }));
  writeText(join(world.extra, '.data/inside.ts'), policyText({ name: 'inside' }));
  symlinkSync(join(scratch, 'outside.ts'), join(world.extra, 'outside.ts'));
  symlinkSync('.data/inside.ts', join(world.extra, 'inside.ts'));
  writeText(join(world.extra, 'wide/index.ts'), policyText({ name: 'wide' }));
  symlinkSync(join(scratch, 'outside.ts'), join(world.extra, 'wide/part.ts'));
  const runtime = await world.start();
  expect(runtime.versions().map(({ name }) => name)).toEqual(['inside']);
  const message = 'It is, or contains, a symbolic link that leads out of the folder.';
  expect(runtime.problems()).toEqual(
    ['outside.ts', 'wide'].map((name) => ({ source: join(world.extra, name), message })),
  );
});

test('runtime: a missing folder is a problem until it exists', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.plugins, 'honest.ts'), policyText());
  renameSync(world.extra, `${world.extra}-away`);
  const runtime = await world.start();
  expect(runtime.versions()).toHaveLength(1);
  expect(runtime.problems()).toEqual([{ source: world.extra, message: 'The folder cannot be read (ENOENT).' }]);
  renameSync(`${world.extra}-away`, world.extra);
  await runtime.refresh();
  expect(runtime.problems()).toEqual([]);
});

test('runtime: a module may be as long as a megabyte of TypeScript', async () => {
  const world = policyWorld(scratchFolder());
  const head = Array.from({ length: 25_000 }, (_, index) => `const table${index}: number = ${index};`).join('\n');
  writeText(join(world.plugins, 'long.ts'), policyText({ name: 'long', head }));
  const runtime = await world.start();
  expect(runtime.problems()).toEqual([]);
  expect(await evaluateDays(runtime, currentVersion(runtime, 'long')!.hash)).toEqual([30]);
});

test('runtime: packages installed in the working directory are modules', async () => {
  const scratch = scratchFolder();
  const world = policyWorld(scratch);
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(scratch);
  const modules = join(scratch, 'node_modules');
  const own = policyText({ name: 'from-package', head: `import './part.js';` }).replace('#policy', 'keytide/policy');
  writeText(
    join(modules, '@acme/policies/package.json'),
    JSON.stringify({ exports: { '.': { types: './a.d.ts', import: './lib/main.js' } } }),
  );
  writeText(join(modules, '@acme/policies/lib/main.js'), own);
  writeText(join(modules, '@acme/policies/lib/part.js'), '');
  writeText(join(modules, 'empty/package.json'), '{}');
  const runtime = await world.start(['@acme/policies', 'empty', 'absent']);
  expect(await evaluateDays(runtime, currentVersion(runtime, 'from-package')!.hash)).toEqual([30]);
  expect(runtime.problems()).toEqual([
    { source: 'empty', message: 'Its package.json does not name a JavaScript entry file.' },
    { source: 'absent', message: 'The package is not installed.' },
  ]);
});

test('runtime: the sources are scanned every 2 seconds', async () => {
  const world = policyWorld(scratchFolder());
  const runtime = await world.start();
  for (const name of ['one', 'two']) {
    writeText(join(world.extra, `${name}.ts`), policyText({ name }));
    const changed = new Promise<void>((resolve) => runtime.onChange(resolve));
    world.clock.advance(2_000);
    await changed;
    expect(currentVersion(runtime, name)).toBeDefined();
    await runtime.refresh();
  }
});

test('runtime: a module that cannot be loaded is logged once', async () => {
  const world = policyWorld(scratchFolder());
  const source = join(world.extra, 'broken.ts');
  writeText(source, 'export default 1;');
  const runtime = await world.start();
  writeText(join(world.extra, 'mine.ts'), policyText({ name: 'mine' }));
  await runtime.refresh();
  expect(currentVersion(runtime, 'mine')).toBeDefined();
  expect(world.logged).toEqual([[{ source }, 'policies: Its default export is a number; expected a policy.']]);
});

test('runtime: a file that loops while it loads is tried again after a minute, then after two', async () => {
  const world = policyWorld(scratchFolder());
  writeText(join(world.extra, 'loops.js'), 'for (;;);');
  const runtime = await world.start();
  const isTriedAfter = async (ms: number) => {
    const before = childIds();
    world.clock.advance(ms);
    await runtime.refresh();
    // Whoever loops is ended, and another process takes the place.
    return childIds().some((id) => !before.includes(id));
  };
  expect(await isTriedAfter(59_000)).toBe(false);
  expect(await isTriedAfter(1_000)).toBe(true);
  expect(await isTriedAfter(119_000)).toBe(false);
  expect(await isTriedAfter(1_000)).toBe(true);
  expect(runtime.problems()).toHaveLength(1);
});
