import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { writeFileAtomically } from '../../src/cli/deployers/files/atomic-file.ts';
import { createFileDeployer, fileSetting } from '../../src/cli/deployers/files/deploy-to-file.ts';
import { dotenvDeployer } from '../../src/cli/deployers/files/dotenv.ts';
import { wholeFileDeployer } from '../../src/cli/deployers/files/whole-file.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { systemRandom } from '../../src/store/random.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const secret = newSecret(systemRandom).reveal();
const host = { env: {}, runHook: async () => undefined, pause: async () => undefined };
const moduleUrl = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;

test('places: a file is replaced atomically with mode 0600; a link stays, and no temporary file is left', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'real'));
  const real = join(folder, 'real', 'file');
  const link = join(folder, 'link');
  writeFileSync(real, 'old');
  chmodSync(real, 0o644);
  symlinkSync(real, link);
  // A file that a killed run leaves behind.
  writeFileSync(join(folder, 'real', '.file.keytide-new'), 'half');
  await writeFileAtomically(link, 'new');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, 'utf8')).toBe('new');
  expect((statSync(real).mode & 0o777).toString(8)).toBe('600');
  expect(readdirSync(join(folder, 'real'))).toEqual(['file']);
  await expect(writeFileAtomically(join(folder, 'none', 'file'), 'new')).rejects.toMatchObject({ status: 73 });
});

test('places: a file that is not UTF-8 is not changed, and a byte order mark is preserved', async () => {
  const file = join(scratchFolder(), '.env');
  const { check, put } = dotenvDeployer.open({ to: 'dotenv', file, name: 'K' }, host);
  const latin = Buffer.from('NAME=M\xfcller\nK=old\n', 'latin1');
  writeFileSync(file, latin);
  const refused = { status: 65, message: expect.stringContaining('not UTF-8 text') };
  await expect(check()).rejects.toMatchObject(refused);
  await expect(put(new Sensitive(secret), {})).rejects.toMatchObject(refused);
  expect(readFileSync(file)).toEqual(latin);
  writeFileSync(file, '\uFEFFK=old\n');
  await put(new Sensitive(secret), {});
  expect(readFileSync(file, 'utf8')).toBe(`\uFEFFK=${secret}\n`);
});

test('places: a link to a file that does not exist yet stays, and its target is created', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'run'));
  const [link, chain, target] = [join(folder, '.env'), join(folder, 'chain'), join(folder, 'run', 'env')];
  symlinkSync(join('run', 'env'), link);
  symlinkSync('.env', chain);
  const place = dotenvDeployer.open({ to: 'dotenv', file: chain, name: 'K' }, host);
  await place.check();
  await place.put(new Sensitive(secret), {});
  expect([lstatSync(link).isSymbolicLink(), lstatSync(chain).isSymbolicLink()]).toEqual([true, true]);
  expect(readFileSync(target, 'utf8')).toBe(`K=${secret}\n`);
  const lost = join(folder, 'lost');
  symlinkSync(join('none', 'env'), lost);
  symlinkSync('loop', join(folder, 'loop'));
  for (const [file, found] of [
    ['lost', `The folder ${join(folder, 'none')} does not exist`],
    ['loop', 'leads to itself'],
  ] as const) {
    const { check, put } = dotenvDeployer.open({ to: 'dotenv', file: join(folder, file), name: 'K' }, host);
    const refused = { status: 73, message: expect.stringContaining(found) };
    await expect(check()).rejects.toMatchObject(refused);
    await expect(put(new Sensitive(secret), {})).rejects.toMatchObject(refused);
    expect(lstatSync(join(folder, file)).isSymbolicLink()).toBe(true);
  }
});

test('places: a device or a named pipe is refused and stays', async () => {
  const pipe = join(scratchFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of ['/dev/null', pipe]) {
    const place = wholeFileDeployer.open({ to: 'file', file }, host);
    const refused = { status: 73, message: expect.stringContaining('not a regular file') };
    await expect(place.check()).rejects.toMatchObject(refused);
    await expect(place.put(new Sensitive(secret), {})).rejects.toMatchObject(refused);
    await expect(place.holds(new Sensitive(secret))).rejects.toMatchObject({ status: 77 });
  }
  expect([statSync('/dev/null').isCharacterDevice(), statSync(pipe).isFIFO()]).toEqual([true, true]);
});

test('places: a group that may read a file keeps its access, which is never wider than before', async () => {
  const file = join(scratchFolder(), 'file');
  const place = wholeFileDeployer.open({ to: 'file', file }, host);
  const modes = { 0o640: '640', 0o660: '660', 0o600: '600', 0o400: '400', 0o644: '600', 0o604: '600', 0o750: '750' };
  for (const [mode, expected] of Object.entries(modes)) {
    writeFileSync(file, 'old');
    chmodSync(file, Number(mode));
    if (process.geteuid?.() === 0) chownSync(file, 0, 33);
    await place.put(new Sensitive(secret), {});
    const { mode: written, gid } = statSync(file);
    expect((written & 0o777).toString(8), Number(mode).toString(8)).toBe(expected);
    if (process.geteuid?.() === 0) expect(gid).toBe(33);
    chmodSync(file, 0o600);
  }
});

test('places: a folder that cannot be written is named, and a group that the user does not belong to gets no access', async () => {
  // Only root can become another user.
  if (process.geteuid?.() !== 0) return;
  const folder = scratchFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'old');
  chownSync(file, 65_534, 33);
  chmodSync(file, 0o640);
  chmodSync(folder, 0o755);
  const place = wholeFileDeployer.open({ to: 'file', file }, host);
  process.setegid!(65_534);
  process.seteuid!(65_534);
  try {
    const refused = { status: 73, message: `Cannot create a file in the folder ${folder} (EACCES).` };
    await expect(place.put(new Sensitive(secret), {})).rejects.toMatchObject(refused);
    process.seteuid!(0);
    const script = `
      const { wholeFileDeployer } = await import(${JSON.stringify(moduleUrl('cli/deployers/files/whole-file.ts'))});
      await wholeFileDeployer.open({ to: 'file', file: ${JSON.stringify(file)} }, {}).check()
        .catch(({ message }) => console.log(message));`;
    const words = ['--input-type=module', '-e', script];
    const printed = execFileSync(process.execPath, words, { uid: 65_534, gid: 65_534, encoding: 'utf8' });
    expect(printed.trim()).toBe(refused.message);
    chownSync(folder, 65_534, 65_534);
    process.seteuid!(65_534);
    await place.put(new Sensitive(secret), {});
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
  const { mode, gid } = statSync(file);
  expect([(mode & 0o777).toString(8), gid]).toEqual(['600', 65_534]);
});

test('places: a file that a container mounts is written in place', () => {
  // Only root can mount, in a mount namespace of its own.
  if (process.geteuid?.() !== 0) return;
  const folder = scratchFolder();
  const [file, source] = [join(folder, 'my env'), join(folder, 'source')];
  writeFileSync(file, '');
  writeFileSync(source, 'OTHER=a much longer text than the new one, which is cut\nK=old\n', { mode: 0o640 });
  const script = `
    const { dotenvDeployer } = await import(${JSON.stringify(moduleUrl('cli/deployers/files/dotenv.ts'))});
    const { Sensitive } = await import(${JSON.stringify(moduleUrl('domain/sensitive.ts'))});
    const place = dotenvDeployer.open({ to: 'dotenv', file: ${JSON.stringify(file)}, name: 'K' }, {});
    await place.check();
    await place.put(new Sensitive(${JSON.stringify(secret)}), {});
    if (!(await place.holds(new Sensitive(${JSON.stringify(secret)})))) throw new Error('not there');`;
  const command = `mount --bind "$1" "$2" && "$3" --input-type=module -e "$4" && cat "$2"`;
  const mounted = execFileSync(
    'unshare',
    ['-m', '/bin/sh', '-c', command, 'sh', source, file, process.execPath, script],
    { encoding: 'utf8' },
  );
  const expected = `OTHER=a much longer text than the new one, which is cut\nK=${secret}\n`;
  expect(mounted).toBe(expected);
  expect([readFileSync(source, 'utf8'), readFileSync(file, 'utf8')]).toEqual([expected, '']);
  expect((statSync(source).mode & 0o777).toString(8)).toBe('640');
});

test('places: the target of a link is checked first, and another user’s file is not changed', async () => {
  const folder = scratchFolder();
  const [link, away, real] = [join(folder, 'link'), join(folder, 'away'), join(folder, 'real')];
  await expect(wholeFileDeployer.open({ to: 'file', file: join(away, 'x') }, host).check()).rejects.toMatchObject({
    status: 73,
  });
  mkdirSync(away);
  writeFileSync(join(away, 'file'), 'old');
  symlinkSync(join(away, 'file'), link);
  await wholeFileDeployer.open({ to: 'file', file: link }, host).check();
  // Only root can create a file of another user.
  if (process.geteuid?.() !== 0) return;
  writeFileSync(real, 'theirs');
  chownSync(folder, 65_534, 65_534);
  const place = wholeFileDeployer.open({ to: 'file', file: real }, host);
  await place.check();
  process.seteuid!(65_534);
  try {
    const refused = { status: 73, message: expect.stringContaining('belongs to another user') };
    await expect(place.check()).rejects.toMatchObject(refused);
    await expect(place.put(new Sensitive(secret), {})).rejects.toMatchObject(refused);
  } finally {
    process.seteuid!(0);
  }
  expect([readFileSync(real, 'utf8'), readdirSync(folder).sort()]).toEqual(['theirs', ['away', 'link', 'real']]);
  // Root preserves the owner.
  chownSync(real, 65_534, 65_534);
  await place.put(new Sensitive(secret), {});
  expect(statSync(real).uid).toBe(65_534);
});

test('places: a file in which its program would not find the secret is not changed, and the check says so before', async () => {
  const file = join(scratchFolder(), 'settings');
  writeFileSync(file, 'as it was\n');
  const settings = z.object({ to: z.string(), file: fileSetting });
  // A format whose writer is wrong about this file.
  const format = { write: (text: string | null) => `${text ?? ''}lost\n`, read: () => null };
  const place = createFileDeployer(settings, format, () => '').open({ to: 'broken', file }, host);
  for (const attempt of [() => place.check(), () => place.put(new Sensitive(secret), {})]) {
    await expect(attempt()).rejects.toThrow(
      `${file} was not changed: the program that reads it would not find the new secret.`,
    );
  }
  expect(readFileSync(file, 'utf8')).toBe('as it was\n');
});
