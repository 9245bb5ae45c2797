import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/scratch-folder.ts';

const moduleUrl = pathToFileURL(join(import.meta.dirname, '../../src/entry/compile-cache.ts')).href;

/**
 * Runs a program that caches its modules as a gateway with these data folders does, one after the other. Returns the folder
 * of the cache after each, or none.
 */
function run(dataDirs: readonly string[], geteuid = 'process.geteuid'): readonly (string | undefined)[] {
  const program = `import { getCompileCacheDir } from 'node:module';
    import { cacheCompiledModules } from '${moduleUrl}';
    process.geteuid = ${geteuid};
    const folders = ${JSON.stringify(dataDirs)}.map((KEYTIDE_DATA_DIR) => {
      cacheCompiledModules({ KEYTIDE_DATA_DIR });
      return getCompileCacheDir() ?? null;
    });
    await import('${new URL('../http/turn.ts', moduleUrl).href}');
    console.log(JSON.stringify(folders));`;
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined };
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 20_000,
    env,
  });
  expect(status).toBe(0);
  return (JSON.parse(stdout) as (string | null)[]).map((folder) => folder ?? undefined);
}

/** Creates a folder with this mode, whatever the mask of the process is. */
function createFolder(path: string, mode = 0o700): string {
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

test('compile cache: a start caches what it compiles in the data folder, which only the gateway creates', () => {
  const folder = scratchFolder();
  const [present, missing] = [createFolder(join(folder, 'present'), 0o755), join(folder, 'missing')];
  const [unused, used = ''] = run([missing, `${present}/`]);
  expect([unused, existsSync(missing)]).toEqual([undefined, false]);
  expect(used.startsWith(join(present, 'compiled'))).toBe(true);
  expect(readdirSync(used).length).toBeGreaterThan(0);
  expect(statSync(join(present, 'compiled')).mode & 0o777).toBe(0o700);
});

test('compile cache: a folder to which another user could write, or a symbolic link, is not used', () => {
  const folder = scratchFolder();
  const create = (name: string, mode?: number) => createFolder(join(folder, name), mode);
  const target = create('target');
  createFolder(join(target, 'compiled'));
  const link = join(folder, 'link');
  symlinkSync(target, link);
  const linked = create('linked');
  symlinkSync(join(target, 'compiled'), join(linked, 'compiled'));
  const ofGroup = create('of-group');
  createFolder(join(ofGroup, 'compiled'), 0o770);
  const ofOthers = create('of-others');
  createFolder(join(ofOthers, 'compiled'), 0o702);
  const blocked = create('blocked');
  writeFileSync(join(blocked, 'compiled'), '');
  const refused = [
    link,
    `${link}/`,
    linked,
    ofGroup,
    ofOthers,
    blocked,
    create('shared', 0o770),
    create('open', 0o777),
  ];
  expect(run(refused)).toEqual(refused.map(() => undefined));
  expect([target, ofGroup, ofOthers].flatMap((path) => readdirSync(join(path, 'compiled')))).toEqual([]);
  expect(['shared', 'open'].flatMap((name) => readdirSync(join(folder, name)))).toEqual([]);
  // The same folder is used by its owner only.
  expect(run([target], '() => 4_294_967_294')).toEqual([undefined]);
  expect(run([target])).toEqual([expect.stringContaining(join(target, 'compiled'))]);
});

test('compile cache: a read-only data folder has no cache', () => {
  // Nobody can create a folder in /proc, which belongs to root.
  expect(run(['/proc'], '() => 0')).toEqual([undefined]);
});

test('compile cache: a start removes the caches of other versions of Node, and nothing else', () => {
  const dataDir = scratchFolder();
  const cache = createFolder(join(dataDir, 'compiled'));
  const [present = ''] = run([dataDir]);
  const others = [
    'v22.1.0-x64-1a2b3c4d-0',
    'v24.21.0-arm64-964aae3f-1000',
    'v25.0.0-nightly20250101abcdef-x64-0f-0',
    'v26.0.0-x64-12345678',
  ];
  for (const name of others) writeFileSync(join(createFolder(join(cache, name)), '95a8062f'), '');
  const stays = ['v22', 'notes', 'xv22.1.0-x64-1a2b3c4d-0', 'v22.1.0-x64-1a2b3c4d-0.old'];
  for (const name of stays) createFolder(join(cache, name));
  writeFileSync(join(cache, 'v22.2.0-x64-1a2b3c4d-0'), '');
  symlinkSync(scratchFolder(), join(cache, 'v22.3.0-x64-1a2b3c4d-0'));
  expect(run([dataDir])).toEqual([present]);
  const found = [basename(present), 'v22.2.0-x64-1a2b3c4d-0', 'v22.3.0-x64-1a2b3c4d-0', ...stays];
  expect(readdirSync(cache).toSorted()).toEqual(found.toSorted());
});
