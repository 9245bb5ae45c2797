import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { mutate, issue } from '../support/issue.ts';
import { openRenewalWorld, type RenewalWorld } from '../support/renewal-world.ts';

/** In a grace period of a day: when a failing place is given up, and when no place is waited for. */
const LATE_MS = 20 * HOUR_MS;
const UNDO_ANYWAY_MS = 22 * HOUR_MS;

/** Registers a key with an exec place. */
function keepWithExec(world: RenewalWorld, command: string) {
  const words = ['--deploy', 'exec', `command=${command}`, 'dotenv', 'file=.env', 'name=K', '--proof', 'accepted'];
  return world.keep('release', ...words);
}

/** Undoes a rotation as a manager of the key. */
async function undo({ gateway }: RenewalWorld, keyId: string): Promise<void> {
  await mutate(gateway, await gateway.admin(), 'undoRotation', { keyId });
}

const listUndos = async (world: RenewalWorld, id: string) =>
  (await world.eventTypes(id)).filter((type) => type === 'KEY_ROTATION_UNDONE').length;

test('rollback: late in the grace period with a failing place, the old secret is restored in the others and stays current', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await keepWithExec(world, 'false');
  expect((await world.renew('release', '--rotate')).status).toBe(69);
  const fresh = world.secretOf('release');
  expect(world.read('.env')).toBe(`K=${fresh}\n`);
  world.ageJournal('release', LATE_MS);
  // The old secret is restored; until it is in all places, both stay valid.
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 75 });
  expect([world.secretOf('release'), world.read('.env')]).toEqual([secret, `K=${secret}\n`]);
  expect([await listUndos(world, id), await world.verify(secret)]).toEqual([0, 'VALID']);
  world.ageJournal('release', UNDO_ANYWAY_MS);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect([world.secretOf('release'), world.read('.env')]).toEqual([secret, `K=${secret}\n`]);
  expect(await world.verify(secret)).toBe('VALID');
  expect(await world.verify(fresh)).toBe('SECRET_RETIRED');
  expect(await listUndos(world, id)).toBe(1);
});

test('rollback: a place that stored the new secret without confirming it does not end with an invalid secret', async () => {
  const world = await openRenewalWorld();
  const [away, quiet] = [world.path('away'), world.path('quiet')];
  const { id, secret } = await keepWithExec(
    world,
    `test ! -e ${away} && cat "$KEYTIDE_SECRET_FILE" > ${world.path('deployed')} && test ! -e ${quiet}`,
  );
  writeFileSync(quiet, '');
  expect((await world.renew('release', '--rotate')).status).toBe(69);
  const deployed = () => world.read('deployed').trim();
  expect(deployed()).toBe(world.secretOf('release'));
  writeFileSync(away, '');
  world.ageJournal('release', LATE_MS);
  const waiting = await world.renew();
  expect(waiting.keys['release']).toMatchObject({ outcome: 'FAILED', status: 75 });
  expect(waiting.keys['release']!.message).toContain('when these places have the old secret again');
  expect([await listUndos(world, id), await world.verify(deployed())]).toEqual([0, 'VALID']);
  for (const file of [away, quiet]) rmSync(file);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect(deployed()).toBe(secret);
  expect([await listUndos(world, id), await world.verify(deployed())]).toEqual([1, 'VALID']);
});

test('rollback: a new secret that the prove hook rejects until late in the grace period is rolled back', async () => {
  const world = await openRenewalWorld();
  const words = ['--deploy', 'dotenv', 'file=.env', 'name=K', '--prove', 'false', '--proof', 'accepted'];
  const { id, secret } = await world.keep('release', ...words);
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  world.ageJournal('release', LATE_MS);
  const late = await world.renew();
  expect(late.keys['release']).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect(late.stderr).toContain('The prove hook ended with status 1. Too little of the grace period is left');
  expect([world.secretOf('release'), world.read('.env')]).toEqual([secret, `K=${secret}\n`]);
  await world.gateway.travel(2 * DAY_MS);
  expect([await listUndos(world, id), await world.verify(secret)]).toEqual([1, 'VALID']);
});

test('rollback: a wrong machine clock does not change when a place is given up', async () => {
  const world = await openRenewalWorld();
  // The gateway's clock is two days ahead or behind.
  for (const days of [2, -2]) {
    const name = `release${days}`;
    const { secret } = await world.keep(name, '--deploy', 'exec', 'command=false', '--proof', 'accepted');
    expect((await world.renew(name, '--rotate')).status).toBe(69);
    const file = world.path('.local/state/keytide/journals', `${name}.json`);
    const journal = JSON.parse(world.read('.local/state/keytide/journals', `${name}.json`));
    const previousRetiresAt = new Date(Date.parse(journal.previousRetiresAt) + days * DAY_MS).toISOString();
    writeFileSync(file, JSON.stringify({ ...journal, previousRetiresAt }));
    world.ageJournal(name, UNDO_ANYWAY_MS);
    expect((await world.renew(name)).keys[name], name).toMatchObject({ outcome: 'TAKEN_BACK' });
    expect(world.secretOf(name)).toBe(secret);
  }
});

test('rollback: an extended grace period delays the rollback', async () => {
  const world = await openRenewalWorld();
  const folder = world.path('app');
  mkdirSync(folder);
  const words = ['--deploy', 'dotenv', 'file=app/.env', 'name=K', '--proof', 'used', '--grace-period', 'P1D'];
  await world.keep('release', ...words);
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  await world.gateway.travel(23.5 * HOUR_MS);
  world.ageJournal('release', LATE_MS);
  renameSync(folder, world.path('away'));
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED' });
  const failed = await world.renew();
  expect(failed.keys['release']).toMatchObject({ outcome: 'FAILED', status: 73 });
  expect(failed.keys['release']!.message).toContain('1 of 2 places do not have the new secret yet');
  renameSync(world.path('away'), folder);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'WAITING' });
  expect(world.read('app/.env')).toBe(`K=${world.secretOf('release')}\n`);
});

test('rollback: when it is too late, the new secret is deployed to every reachable place', async () => {
  const world = await openRenewalWorld();
  const { secret } = await keepWithExec(world, `test -e ${world.path('open')}`);
  expect((await world.renew('release', '--rotate')).status).toBe(69);
  const fresh = world.secretOf('release');
  await world.gateway.travel(20 * DAY_MS);
  expect(await world.verify(secret)).toBe('SECRET_RETIRED');
  world.ageJournal('release', LATE_MS);
  const late = await world.renew();
  expect(late.keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  expect(late.keys['release']!.message).toContain('the old one has retired');
  expect([world.secretOf('release'), world.read('.env')]).toEqual([fresh, `K=${fresh}\n`]);
  writeFileSync(world.path('open'), '');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
});

test('rollback: a rotation that was undone elsewhere is rolled back in its places and not undone twice', async () => {
  const world = await openRenewalWorld();
  for (const isUsed of [false, true]) {
    const name = isUsed ? 'used' : 'unused';
    const words = ['--deploy', 'dotenv', `file=${name}.env`, 'name=K'];
    const { id, secret } = await world.keep(name, ...words);
    await world.verify(secret, 'job');
    expect((await world.renew(name, '--rotate')).keys[name]).toMatchObject({ outcome: 'WAITING' });
    const fresh = world.secretOf(name);
    if (isUsed) await world.verify(fresh, 'job');
    await undo(world, id);
    const undone = await world.renew(name);
    expect(undone.keys[name], name).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
    expect(undone.stderr).toContain('the rotation was undone elsewhere');
    expect([world.secretOf(name), world.read(`${name}.env`)]).toEqual([secret, `K=${secret}\n`]);
    expect(await listUndos(world, id), name).toBe(1);
    expect((await world.renew(name)).keys[name]).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
    await world.gateway.travel(3 * DAY_MS);
    expect([await world.verify(secret), await world.verify(fresh)]).toEqual(['VALID', 'SECRET_RETIRED']);
  }
});

test('keep: after an undone rotation the current secret is accepted, and the retiring one is refused', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const fresh = world.secretOf('release');
  await world.verify(fresh);
  await undo(world, id);
  rmSync(world.path('.local/state/keytide/journals/release.json'));
  const words = ['keep', 'release', '--replace', '--url', world.gateway.url];
  const refused = await world.command(words, { input: fresh });
  expect([refused.status, refused.stderr]).toEqual([65, expect.stringContaining('is about to retire')]);
  expect((await world.command(words, { input: secret })).status).toBe(0);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
});

test('keep: the secret of a rotation from elsewhere is deployed to all places, and that rotation is not confirmed', async () => {
  const world = await openRenewalWorld();
  const deploy = ['--deploy', 'dotenv', 'file=.env', 'name=K', '--proof', 'accepted'];
  const { id, secret } = await world.keep('release', ...deploy);
  writeFileSync(world.path('.env'), `K=${secret}\n`);
  const rotate =
    'mutation ($input: RotateKeyInput!) { rotateKey(input: $input) { ... on RotateKeySuccess { secret } } }';
  const { data } = await world.gateway.ask(rotate, { input: { keyId: id } }, await world.gateway.admin());
  const input = data['rotateKey'].secret as string;
  // The earlier renewal must not replace this secret.
  const kept = await world.command(['keep', 'release', '--replace', '--url', world.gateway.url, ...deploy], { input });
  expect([kept.status, world.secretOf('release')]).toEqual([0, input]);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect([world.secretOf('release'), world.read('.env')]).toEqual([input, `K=${input}\n`]);
  expect(await world.verify(secret)).toBe('VALID');
  expect(await world.eventTypes(id)).not.toContain('KEY_ROTATION_COMPLETED');
});

test('keep: the unfinished renewal of another key under the same name is not discarded', async () => {
  const world = await openRenewalWorld();
  await world.keep('release');
  const other = await issue(world.gateway, await world.gateway.admin(), { lifetime: 'P90D' });
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const fresh = world.secretOf('release');
  const words = ['keep', 'release', '--replace', '--url', world.gateway.url];
  const refused = await world.command(words, { input: other.secret });
  expect([refused.status, refused.stderr]).toEqual([75, expect.stringContaining('run keytide renew release first')]);
  expect(world.secretOf('release')).toBe(fresh);
  await world.verify(fresh);
  expect((await world.renew('release')).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect((await world.command(words, { input: other.secret })).status).toBe(0);
  // As after a kill in between: the journal is still of the other key.
  const journal = world.path('.local/state/keytide/journals/release.json');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  writeFileSync(
    journal,
    JSON.stringify({ ...JSON.parse(world.read(journal.slice(world.home.length + 1))), keyId: 'x' }),
  );
  expect((await world.renew('release')).keys['release']).toMatchObject({ outcome: 'FAILED', status: 78 });
});

test('keep: a key cannot be registered under two names', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release');
  const words = ['keep', 'again', '--url', world.gateway.url];
  const refused = await world.command(words, { input: secret });
  expect([refused.status, refused.stderr]).toEqual([
    64,
    expect.stringContaining(`${id} is registered already, as release`),
  ]);
  expect((await world.command(['keep', 'release', '--forget'])).status).toBe(0);
  expect((await world.command(words, { input: secret })).status).toBe(0);
});
