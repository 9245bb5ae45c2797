import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { mutate, issue } from '../support/issue.ts';
import { openRenewalWorld, type RenewalWorld } from '../support/renewal-world.ts';

/** Of a grace of a day: when a place that fails is given up, and when none is waited for any more. */
const LATE_MS = 20 * HOUR_MS;
const UNDO_ANYWAY_MS = 22 * HOUR_MS;

/** A key with a place of its own beside a file, and what that place does with a secret. */
function keepWithExec(world: RenewalWorld, command: string) {
  const words = ['--deploy', 'exec', `command=${command}`, 'dotenv', 'file=.env', 'name=K', '--proof', 'accepted'];
  return world.keep('release', ...words);
}

/** What a manager of a key does when its new secret is not wanted. */
async function undo({ gateway }: RenewalWorld, keyId: string): Promise<void> {
  await mutate(gateway, await gateway.admin(), 'undoRotation', { keyId });
}

const listUndos = async (world: RenewalWorld, id: string) =>
  (await world.eventTypes(id)).filter((type) => type === 'KEY_ROTATION_UNDONE').length;

test('renew: when the grace is nearly over and a place still fails, the old secret goes back to the others and stays', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await keepWithExec(world, 'false');
  expect((await world.renew('release', '--rotate')).status).toBe(69);
  const fresh = world.secretOf('release');
  expect(world.read('.env')).toBe(`K=${fresh}\n`);
  world.ageJournal('release', LATE_MS);
  // The old one is back; until it is in all places none of the two ends.
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

test('renew: a place that took the new secret without saying so, and is away meanwhile, is not left with a dead one', async () => {
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

test('renew: a new secret that the prove hook refutes until the grace is nearly over is taken back', async () => {
  const world = await openRenewalWorld();
  const words = ['--deploy', 'dotenv', 'file=.env', 'name=K', '--prove', 'false', '--proof', 'accepted'];
  const { id, secret } = await world.keep('release', ...words);
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  world.ageJournal('release', LATE_MS);
  const late = await world.renew();
  expect(late.keys['release']).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect(late.stderr).toContain('The prove hook ended with status 1. Time is up');
  expect([world.secretOf('release'), world.read('.env')]).toEqual([secret, `K=${secret}\n`]);
  await world.gateway.travel(2 * DAY_MS);
  expect([await listUndos(world, id), await world.verify(secret)]).toEqual([1, 'VALID']);
});

test('renew: a machine whose clock is wrong gives a place up as soon as one whose clock is right', async () => {
  const world = await openRenewalWorld();
  // The gateway is two days ahead, or behind: of the grace the machine sees three days, or none.
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

test('renew: a rotation whose grace was extended is not taken back before most of that is over', async () => {
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

test('renew: when it is too late to take a rotation back, the new secret goes wherever it can', async () => {
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

test('renew: a rotation that somebody has taken back is taken back in its places, and not a second time', async () => {
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
    expect(undone.stderr).toContain('somebody has taken the rotation back');
    expect([world.secretOf(name), world.read(`${name}.env`)]).toEqual([secret, `K=${secret}\n`]);
    expect(await listUndos(world, id), name).toBe(1);
    expect((await world.renew(name)).keys[name]).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
    await world.gateway.travel(3 * DAY_MS);
    expect([await world.verify(secret), await world.verify(fresh)]).toEqual(['VALID', 'SECRET_RETIRED']);
  }
});

test('keep: after a rotation that was taken back the secret that stays is taken, and the other one is not', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const fresh = world.secretOf('release');
  await world.verify(fresh);
  await undo(world, id);
  rmSync(world.path('.local/state/keytide/journals/release.json'));
  const words = ['keep', 'release', '--replace', '--url', world.gateway.url];
  const refused = await world.command(words, { input: fresh });
  expect([refused.status, refused.stderr]).toEqual([65, expect.stringContaining('is on its way out')]);
  expect((await world.command(words, { input: secret })).status).toBe(0);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
});

test('keep: a secret that somebody else’s rotation has made is brought to all places, and that rotation is left to them', async () => {
  const world = await openRenewalWorld();
  const deploy = ['--deploy', 'dotenv', 'file=.env', 'name=K', '--proof', 'accepted'];
  const { id, secret } = await world.keep('release', ...deploy);
  writeFileSync(world.path('.env'), `K=${secret}\n`);
  const rotate =
    'mutation ($input: RotateKeyInput!) { rotateKey(input: $input) { ... on RotateKeySuccess { secret } } }';
  const { data } = await world.gateway.ask(rotate, { input: { keyId: id } }, await world.gateway.admin());
  const input = data['rotateKey'].secret as string;
  // Of what is under way nothing comes in its place.
  const kept = await world.command(['keep', 'release', '--replace', '--url', world.gateway.url, ...deploy], { input });
  expect([kept.status, world.secretOf('release')]).toEqual([0, input]);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect([world.secretOf('release'), world.read('.env')]).toEqual([input, `K=${input}\n`]);
  expect(await world.verify(secret)).toBe('VALID');
  expect(await world.eventTypes(id)).not.toContain('KEY_ROTATION_COMPLETED');
});

test('keep: the renewal of another key that is kept under that name is not thrown away', async () => {
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
  // Killed in the middle of that, as if the journal were still the other's.
  const journal = world.path('.local/state/keytide/journals/release.json');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  writeFileSync(
    journal,
    JSON.stringify({ ...JSON.parse(world.read(journal.slice(world.home.length + 1))), keyId: 'x' }),
  );
  expect((await world.renew('release')).keys['release']).toMatchObject({ outcome: 'FAILED', status: 78 });
});

test('keep: a key is kept under one name', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release');
  const words = ['keep', 'again', '--url', world.gateway.url];
  const refused = await world.command(words, { input: secret });
  expect([refused.status, refused.stderr]).toEqual([64, expect.stringContaining(`${id} is kept already, as release`)]);
  expect((await world.command(['keep', 'release', '--forget'])).status).toBe(0);
  expect((await world.command(words, { input: secret })).status).toBe(0);
});
