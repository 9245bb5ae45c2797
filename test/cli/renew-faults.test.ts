import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { startCommand } from '../support/command.ts';
import { openRenewalWorld, type RenewalWorld } from '../support/renewal-world.ts';
import { startLossyGateway } from '../support/lossy-gateway.ts';

/** Edits the configuration of a registered key. */
function edit(world: RenewalWorld, name: string, change: (configuration: any) => object): void {
  const path = world.path('.config/keytide/keys', `${name}.json`);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
}

test('renew: if the gateway is unavailable it says how long the key is valid, and exits with 75', async () => {
  const world = await openRenewalWorld();
  const { stopsAt } = await world.keep('release');
  await world.gateway.stop();
  const run = await world.command(['renew']);
  expect(run.status).toBe(75);
  expect(run.stdout).toContain('UNREACHABLE');
  expect(run.stdout).toContain(`The key is valid until ${stopsAt}`);
  const history = await world.command(['renew', '--history', '--json']);
  expect(history.json.history).toMatchObject([{ name: 'release', outcome: 'UNREACHABLE', status: 75 }]);
});

test('renew: lost responses are requested again, and there is a single rotation', async () => {
  const world = await openRenewalWorld();
  const loses = new Set<string>();
  const { url, operations } = await startLossyGateway(world.gateway.url, (name) => loses.delete(name));
  const { id, secret } = await world.keep('release', '--proof', 'accepted');
  edit(world, 'release', (configuration) => ({ ...configuration, url }));
  for (const name of ['Rotate', 'Confirm']) {
    loses.add(name);
    const lost = await world.renew('release', '--rotate');
    expect(lost.keys['release'], name).toMatchObject({ outcome: 'UNREACHABLE', status: 75 });
  }
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(operations.filter((name) => name === 'Rotate')).toHaveLength(2);
  // The end of the rotation is detected before it is confirmed again.
  expect(operations.filter((name) => name === 'Confirm')).toHaveLength(1);
  expect(await world.eventTypes(id)).toEqual(['KEY_ISSUED', 'KEY_ROTATION_STARTED', 'KEY_ROTATION_COMPLETED']);
  expect(await world.verify(world.secretOf('release'))).toBe('VALID');
  expect(await world.verify(secret)).toBe('SECRET_RETIRED');
});

test('renew: a lost response that cannot be repeated after a day is rolled back and requested anew', async () => {
  const world = await openRenewalWorld();
  const loses = new Set(['Rotate']);
  const { url } = await startLossyGateway(world.gateway.url, (name) => loses.delete(name));
  const { id, secret } = await world.keep('release', '--proof', 'accepted', '--grace-period', 'P3D');
  edit(world, 'release', (configuration) => ({ ...configuration, url }));
  expect((await world.renew('release', '--rotate')).status).toBe(75);
  await world.gateway.travel(2 * DAY_MS);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'TAKEN_BACK', status: 75 });
  expect(world.secretOf('release')).toBe(secret);
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(await world.eventTypes(id)).toEqual([
    'KEY_ISSUED',
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_UNDONE',
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_COMPLETED',
  ]);
});

test('renew: a failing place does not delay the others, and the old secret stays valid until it recovers', async () => {
  const world = await openRenewalWorld();
  const exec = `test -e ${world.path('open')} && cat "$KEYTIDE_SECRET_FILE" > ${world.path('deployed')}`;
  const words = ['--deploy', 'exec', `command=${exec}`, 'dotenv', 'file=.env', 'name=K', '--proof', 'accepted'];
  const { secret } = await world.keep('release', ...words);
  const failed = await world.renew('release', '--rotate');
  expect(failed.keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  expect(failed.keys['release']!.message).toContain('1 of 3 places do not have the new secret yet');
  const fresh = world.secretOf('release');
  expect(world.read('.env')).toBe(`K=${fresh}\n`);
  expect(await world.verify(secret)).toBe('VALID');
  writeFileSync(world.path('open'), '');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect(world.read('deployed').trim()).toBe(fresh);
  expect(await world.verify(secret)).toBe('SECRET_RETIRED');
});

test('renew: without the proof the old secret stays valid', async () => {
  const world = await openRenewalWorld();
  const { secret } = await world.keep('release', '--proof', 'accepted', '--prove', `test -e ${world.path('open')}`);
  const failed = await world.renew('release', '--rotate');
  expect(failed.keys['release']).toMatchObject({ outcome: 'FAILED', message: 'The prove hook ended with status 1.' });
  expect(await world.verify(secret)).toBe('VALID');
  writeFileSync(world.path('open'), '');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(await world.verify(secret)).toBe('SECRET_RETIRED');
});

test('renew: a place that was overwritten gets the new secret again before the old one retires', async () => {
  const world = await openRenewalWorld();
  const { secret } = await world.keep('release', '--deploy', 'dotenv', 'file=.env', 'name=K', '--proof', 'used');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const fresh = world.secretOf('release');
  writeFileSync(world.path('.env'), `K=${secret}\n`);
  await world.verify(fresh);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 75 });
  expect(await world.verify(secret)).toBe('VALID');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(world.read('.env')).toBe(`K=${fresh}\n`);
});

test('renew: a failing key, an invalid key file and an unwritable history do not stop other keys', async () => {
  const world = await openRenewalWorld();
  const keys = [
    await world.keep('a-revoked'),
    await world.keep('b-wrong'),
    await world.keep('c-open'),
    await world.keep('d-good'),
  ];
  const input = { keyId: keys[0]!.id, reason: 'over' };
  const revoke = 'mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }';
  await world.gateway.ask(revoke, { input }, await world.gateway.admin());
  edit(world, 'b-wrong', (configuration) => ({ ...configuration, deplyo: [] }));
  chmodSync(world.path('.local/state/keytide/secrets/c-open'), 0o644);
  await world.untilDue(keys[3]!.secret);
  mkdirSync(world.path('.local/state/keytide/history.jsonl'));
  const run = await world.renew();
  expect(run.status).toBe(77);
  expect(run.stderr).toContain('history.jsonl (EISDIR)');
  expect(run.keys).toMatchObject({
    'a-revoked': { outcome: 'FAILED', status: 77, message: expect.stringContaining('revoked') },
    'b-wrong': { outcome: 'FAILED', status: 78, message: expect.stringContaining('deplyo') },
    'c-open': { outcome: 'FAILED', status: 77, message: expect.stringContaining('mode 644') },
    'd-good': { outcome: 'RENEWED', status: 0 },
  });
});

test('renew: a second concurrent run is refused with 75', async () => {
  const world = await openRenewalWorld();
  const command = `touch ${world.path('inside')}; while test ! -e ${world.path('go')}; do sleep 0.05; done`;
  await world.keep('release', '--before', command, '--proof', 'accepted');
  const first = startCommand(['renew', 'release', '--rotate'], { home: world.home });
  const ended = once(first, 'close');
  await expect.poll(() => readdirSync(world.home), { timeout: 20_000 }).toContain('inside');
  const second = await world.command(['renew']);
  expect(second.status).toBe(75);
  expect(second.stderr).toContain('Another run is in progress');
  writeFileSync(world.path('go'), '');
  expect((await ended)[0]).toBe(0);
});

test('renew: --dry-run changes nothing and finds failures', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release', '--before', 'exit 1', '--deploy', 'dotenv', 'file=.env', 'name=K');
  expect((await world.renew('--dry-run')).keys['release']).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
  await world.untilDue(secret);
  expect((await world.renew('--dry-run')).keys['release']).toMatchObject({ outcome: 'WOULD_RENEW', status: 0 });
  const rotate = await world.renew('--dry-run', '--rotate', 'release');
  expect(rotate.keys['release']).toMatchObject({ outcome: 'WOULD_ROTATE' });
  expect(await world.eventTypes(id)).toEqual(['KEY_ISSUED']);
  expect(readdirSync(world.path('.local/state/keytide')).sort()).toEqual(['known', 'run.lock', 'secrets']);
  expect(readdirSync(world.home)).not.toContain('.env');
  edit(world, 'release', (configuration) => ({
    ...configuration,
    deploy: [{ to: 'dotenv', file: world.path('none/.env'), name: 'K' }],
  }));
  expect((await world.renew('--dry-run')).keys['release']).toMatchObject({ outcome: 'FAILED', status: 73 });
});

test('renew: two places in one file both get the new secret', async () => {
  const world = await openRenewalWorld();
  const words = ['dotenv', 'file=.env', 'name=A', 'dotenv', 'file=.env', 'name=B'];
  await world.keep('release', '--deploy', ...words, '--proof', 'accepted');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  const fresh = world.secretOf('release');
  expect(world.read('.env')).toBe(`A=${fresh}\nB=${fresh}\n`);
});

test('renew: a background process of a hook that holds its output open is not waited for', async () => {
  const world = await openRenewalWorld();
  const before = `echo begun; setsid sh -c 'sleep 60; touch ${world.path('over')}' &`;
  await world.keep('release', '--before', before, '--proof', 'accepted');
  const run = await world.renew('release', '--rotate');
  expect(run.keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(run.stderr).toContain('before: begun');
  expect(readdirSync(world.home)).not.toContain('over');
});

test('renew: an after hook that never succeeds does not prevent the next renewal', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release', '--after', 'false');
  await world.untilDue(secret);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  await world.untilDue(secret);
  const due = await world.renew();
  expect(due.keys['release']).toMatchObject({ outcome: 'RENEWED', status: 0 });
  expect(due.stderr).toContain('The key is due again: the hook is not retried.');
  await world.renew();
  expect((await world.eventTypes(id)).filter((type) => type === 'KEY_RENEWED')).toHaveLength(2);
});

test('renew: a key that was rotated elsewhere is reported, and continues with its new secret', async () => {
  const world = await openRenewalWorld();
  const { id } = await world.keep('release');
  const rotate =
    'mutation ($input: RotateKeyInput!) { rotateKey(input: $input) { ... on RotateKeySuccess { secret } } }';
  const { data } = await world.gateway.ask(rotate, { input: { keyId: id } }, await world.gateway.admin());
  const foreign = await world.renew();
  expect(foreign.keys['release']).toMatchObject({ outcome: 'FAILED', status: 69 });
  expect(foreign.keys['release']!.message).toContain('keytide keep --replace');
  const words = ['keep', 'release', '--replace', '--url', world.gateway.url];
  expect((await world.command(words, { input: data['rotateKey'].secret })).status).toBe(0);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE', status: 0 });
});
