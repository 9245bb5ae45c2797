import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openRenewalWorld, type RenewalWorld } from '../support/renewal-world.ts';

const DOCTOR = ['doctor', '--json'];

/** What doctor and check say of the key `release`, with their statuses. */
async function examine(world: RenewalWorld) {
  const doctor = await world.command([...DOCTOR, '--url', world.gateway.url]);
  const check = await world.command(['check', '--json']);
  const found = (doctor.json.findings as { of: string; result: string; message: string }[]).filter(
    ({ of }) => of === 'renewal of release',
  );
  return {
    doctor: { status: doctor.status, results: found.map(({ result }) => result), text: JSON.stringify(found) },
    check: { status: check.status, text: check.json.message as string },
  };
}

test('doctor, check: a last run that failed is reported until a run succeeds', async () => {
  const world = await openRenewalWorld();
  const { secret } = await world.keep('release', '--before', `test -e ${world.path('open')}`);
  expect(await examine(world)).toMatchObject({ doctor: { status: 0, results: [] }, check: { status: 0 } });
  await world.untilDue(secret);
  expect((await world.renew()).status).toBe(69);
  const failed = await examine(world);
  expect(failed).toMatchObject({ doctor: { status: 69, results: ['BAD'] }, check: { status: 1 } });
  expect(failed.doctor.text).toContain('The before hook ended with status 1.');
  expect(failed.check.text).toContain('The before hook ended with status 1.');
  writeFileSync(world.path('open'), '');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'RENEWED' });
  expect(await examine(world)).toMatchObject({ doctor: { status: 0, results: [] }, check: { status: 0 } });
});

test('doctor, check: a failure ends with the first run that finds nothing due', async () => {
  const world = await openRenewalWorld();
  await world.keep('release');
  const file = world.path('.local/state/keytide/secrets/release');
  const secret = readFileSync(file, 'utf8');
  rmSync(file);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 66 });
  expect((await examine(world)).check.status).toBe(1);
  writeFileSync(file, secret, { mode: 0o600 });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
  expect(await examine(world)).toMatchObject({ doctor: { status: 0, results: [] }, check: { status: 0 } });
});

test('doctor, check: an unfinished rotation is reported, and one that waits for its proof is no failure', async () => {
  const world = await openRenewalWorld();
  await world.keep('release', '--deploy', 'exec', `command=test -e ${world.path('open')}`, '--proof', 'used');
  expect((await world.renew('release', '--rotate')).status).toBe(69);
  const history = world.path('.local/state/keytide/history.jsonl');
  // As after a kill, which records no result.
  rmSync(history);
  const halted = await examine(world);
  expect(halted).toMatchObject({ doctor: { status: 75, results: ['BAD'] }, check: { status: 1 } });
  expect(halted.doctor.text).toContain('is unfinished (step RECEIVED): run keytide renew release');
  expect(halted.check.text).toContain('is unfinished (step RECEIVED)');
  writeFileSync(world.path('open'), '');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const waiting = await examine(world);
  expect(waiting).toMatchObject({ doctor: { status: 0, results: ['WARNING'] }, check: { status: 0 } });
  expect(waiting.doctor.text).toContain('waits for proof that the new secret works');
  writeFileSync(world.path('.local/state/keytide/journals/release.json'), '{');
  expect(await examine(world)).toMatchObject({ doctor: { status: 65, results: ['BAD'] }, check: { status: 1 } });
});

test('doctor, check: a registered key that has stopped is reported', async () => {
  const world = await openRenewalWorld();
  await world.keep('release');
  const file = world.path('.local/state/keytide/known/release.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...known, stopsAt: new Date(Date.now() - 1000).toISOString() }));
  const stopped = await examine(world);
  expect(stopped).toMatchObject({ doctor: { status: 69, results: ['BAD'] }, check: { status: 2 } });
  expect(stopped.doctor.text).toContain('The key stopped at');
});

test('check: without the gateway it reports the registered keys, and that no others are known', async () => {
  const world = await openRenewalWorld();
  const { secret } = await world.keep('release');
  const login = await world.command(['login', '--with-token', '--url', world.gateway.url], { input: secret });
  expect(login.status, login.stderr).toBe(0);
  expect((await world.renew()).status).toBe(0);
  await world.gateway.stop();
  const away = await world.command(['check', '--json']);
  expect([away.status, away.json.keys]).toMatchObject([3, [{ name: 'release', status: 'OK' }]]);
  expect(away.json.message).toMatch(/^no key stops within 14 days; only the keys registered on this machine are known/);
});

test('renew: hooks run in the folder where keytide keep ran, also from cron, and the folder must exist', async () => {
  const world = await openRenewalWorld();
  writeFileSync(world.path('prove.sh'), '#!/bin/sh\ntest -e ./here && touch proved\n', { mode: 0o700 });
  writeFileSync(world.path('here'), '');
  const words = ['--prove', './prove.sh', '--deploy', 'exec', 'command=sh -c ". ./here && touch deployed"'];
  await world.keep('release', ...words, '--proof', 'accepted');
  const configuration = JSON.parse(world.read('.config/keytide/keys/release.json')) as object;
  expect(configuration).toMatchObject({ hookFolder: world.home });
  const run = await world.command(['renew', 'release', '--rotate', '--json'], { cwd: '/' });
  expect(run.json.keys, run.stderr).toMatchObject([{ outcome: 'ROTATED' }]);
  expect([world.read('proved'), world.read('deployed')]).toEqual(['', '']);
  const moved = { ...configuration, hookFolder: world.path('gone') };
  writeFileSync(world.path('.config/keytide/keys/release.json'), JSON.stringify(moved));
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({
    outcome: 'FAILED',
    status: 78,
    message: expect.stringContaining(
      `The folder ${world.path('gone')}, in which hooks run (hookFolder), does not exist.`,
    ),
  });
  // A key without commands needs no folder.
  await world.keep('bare');
  expect(JSON.parse(world.read('.config/keytide/keys/bare.json'))).not.toHaveProperty('hookFolder');
});

test('renew: a prove hook that succeeded does not run again for the same secret, one that failed does', async () => {
  const world = await openRenewalWorld();
  const prove = `echo run >> runs; test -e ${world.path('open')}`;
  await world.keep('release', '--prove', prove, '--proof', 'used');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'FAILED' });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED' });
  writeFileSync(world.path('open'), '');
  for (let count = 0; count < 3; count += 1) {
    expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'WAITING' });
  }
  expect(world.read('runs')).toBe('run\nrun\nrun\n');
  await world.verify(world.secretOf('release'));
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  expect(world.read('runs')).toBe('run\n'.repeat(4));
});

test('renew, undo: what they say after an undone rotation is true', async () => {
  const world = await openRenewalWorld();
  const { id } = await world.keep('release', '--proof', 'moved');
  await world.command(['login', '--with-token', '--url', world.gateway.url], { input: await world.gateway.admin() });
  // An unused one ends at once, and the key is not due.
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  expect((await world.command(['undo', id])).stdout).toBe(
    'The rotation of release is undone: its old secret stays current.\n',
  );
  const first = (await world.renew()).keys['release']!;
  expect(first.message).toMatch(/stays current\. The key is due again at 20\S+\. It stops at/);
  // A new secret that was used works for as long again.
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  await world.verify(world.secretOf('release'));
  const undone = await world.command(['undo', id]);
  expect(undone.stdout).toMatch(
    /^The rotation of release is undone: its old secret stays current, and its new one works until 20.*Z\.\n$/,
  );
  const taken = (await world.renew()).keys['release']!;
  expect(taken).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect(taken.message).toMatch(
    /the old secret stays current\. The new secret works until 20\S+; no rotation can start before\./,
  );
  const next = (await world.renew()).keys['release']!;
  expect(next.outcome).toBe('NOT_DUE');
  expect(next.message).toMatch(/^A rotation was undone, and its secret works until 20/);
  await world.gateway.travel(25 * 3_600_000);
  expect((await world.renew()).keys['release']!.message).toMatch(/^The key is due at/);
});
