import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { writeAnnounced } from '../../src/keys/write-warnings.ts';
import { change } from '../../src/log/change.ts';
import { startGithub } from '../support/github-server.ts';
import { startGitlab } from '../support/gitlab-server.ts';
import { issue } from '../support/issue.ts';
import { openRenewalWorld } from '../support/renewal-world.ts';

test('renew: a key that is not due is unchanged, and one that is due gets a later expiry', async () => {
  const world = await openRenewalWorld();
  const { id, secret } = await world.keep('release');
  const early = await world.renew();
  expect(early.status).toBe(0);
  expect(early.keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
  await world.untilDue(secret);
  const due = await world.renew();
  expect(due.keys['release'], due.stderr).toMatchObject({ outcome: 'RENEWED', status: 0 });
  expect(due.keys['release']!.stopsAt).toBe(new Date(world.gateway.clock.now().getTime() + 90 * DAY_MS).toISOString());
  expect(await world.eventTypes(id)).toEqual(['KEY_ISSUED', 'KEY_RENEWED']);
  expect(world.secretOf('release')).toBe(secret);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
});

test('renew: what a rollout announces on a key is shown, also by keytide check', async () => {
  const world = await openRenewalWorld();
  const { id } = await world.keep('release');
  const from = Date.parse('2027-01-31T00:00:00.000Z');
  await change(world.gateway.services, (change) =>
    writeAnnounced(change, new Map([[id, { warnings: [{ code: 'WILL_STOP', from }], brownouts: [] }]])),
  );
  const { keys, stderr } = await world.renew();
  expect(keys['release']).toMatchObject({ outcome: 'NOT_DUE', warnings: [{ code: 'WILL_STOP' }] });
  expect(stderr).toContain('will stop this key on 2027-01-31');
  expect((await world.command(['check'])).stdout).toContain('announced: WILL_STOP 2027-01-31');
});

test('renew: if policy requires it the secret is rotated, and the old one retires when all consumers have moved', async () => {
  const world = await openRenewalWorld();
  await world.wantRotation('P60D');
  const { id, secret } = await world.keep('release', '--deploy', 'dotenv', 'file=app.env', 'name=ACME_KEY');
  expect(await world.verify(secret, 'core')).toBe('VALID');
  await world.untilDue(secret);
  const waiting = await world.renew();
  expect(waiting.keys['release'], waiting.stderr).toMatchObject({ outcome: 'WAITING', status: 0 });
  const fresh = world.secretOf('release');
  expect(fresh).not.toBe(secret);
  expect(world.read('app.env')).toBe(`ACME_KEY=${fresh}\n`);
  expect(await world.verify(secret, 'core')).toBe('VALID');
  expect((await world.renew()).keys['release']).toMatchObject({
    outcome: 'WAITING',
    message: expect.stringContaining('no verifier has seen the new secret yet'),
  });
  await world.verify(fresh, 'other');
  expect((await world.renew()).keys['release']!.message).toContain('not seen on the new secret yet: core');
  await world.verify(fresh, 'core');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect(await world.verify(secret, 'core')).toBe('SECRET_RETIRED');
  expect(await world.eventTypes(id)).toEqual([
    'KEY_ISSUED',
    'KEY_FIRST_USED',
    'KEY_RENEWED',
    'KEY_ROTATION_STARTED',
    'KEY_FIRST_USED',
    'KEY_ROTATION_COMPLETED',
    'KEY_SECRET_REUSED',
  ]);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
});

test('renew: a key whose rotation a person asked for is rotated at the next run, and not again', async () => {
  const world = await openRenewalWorld();
  const { gateway } = world;
  const { secret } = await world.keep('release');
  const admin = await gateway.admin();
  const changeKeys = async (input: object) => {
    const query = `mutation ($input: ChangeKeysInput!) { changeKeys(input: $input) {
      ... on ChangeKeysSuccess { confirmation operation { id } } } }`;
    const asked = { realm: 'default', filter: {}, all: true, change: 'ASK_ROTATION', reason: 'a leak', ...input };
    return (await gateway.ask(query, { input: asked }, admin)).data['changeKeys'];
  };
  const { confirmation } = await changeKeys({ dryRun: true });
  await changeKeys({ confirmation });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
  await gateway.node.operationLoop.runDue();
  expect((await world.renew('--dry-run')).keys['release']).toMatchObject({
    outcome: 'WOULD_ROTATE',
    message: expect.stringContaining('A person asked on '),
  });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'WAITING', status: 0 });
  const fresh = world.secretOf('release');
  expect(fresh).not.toBe(secret);
  expect(await world.verify(fresh)).toBe('VALID');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'NOT_DUE' });
  expect(world.secretOf('release')).toBe(fresh);
});

test('renew: GitHub and GitLab get the new secret, jobs use it, and the old one retires', async () => {
  const world = await openRenewalWorld();
  const github = await startGithub();
  const gitlab = await startGitlab(['projects/acme/core']);
  for (const { name, token } of [
    { name: 'github', token: github.token },
    { name: 'gitlab', token: gitlab.token },
  ]) {
    writeFileSync(world.path(name), token, { mode: 0o600 });
  }
  const atGithub = ['github', 'repository=acme/core', 'secret=ACME_KEY', 'tokenFile=github', `apiUrl=${github.url}`];
  const atGitlab = ['gitlab', 'project=acme/core', 'variable=ACME_KEY', `apiUrl=${gitlab.url}/api/v4`];
  const { secret } = await world.keep('release', '--deploy', ...atGithub, ...atGitlab, 'tokenFile=gitlab');
  await world.verify(secret, 'job');
  expect((await world.renew('--dry-run', 'release', '--rotate')).keys['release']).toMatchObject({
    outcome: 'WOULD_ROTATE',
  });
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING', status: 0 });
  const [deployed] = github.secrets.values();
  expect(deployed).toBe(world.secretOf('release'));
  expect(gitlab.variables.get('projects/acme/core')).toMatchObject([{ key: 'ACME_KEY', value: deployed }]);
  await world.verify(deployed!, 'job');
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  expect(await world.verify(secret, 'job')).toBe('SECRET_RETIRED');
});

test('renew: a prove hook that uses the new secret completes the proof within the run', async () => {
  const world = await openRenewalWorld();
  const verifier = await issue(world.gateway, await world.gateway.admin(), {
    name: 'verifier',
    scopes: [{ action: 'keytide:verify', resource: '**' }],
  });
  writeFileSync(world.path('verifier'), verifier.secret, { mode: 0o600 });
  // Simulates an API that receives the new secret and verifies it at the gateway.
  const script = `
    const [secret, verifier] = [process.env.KEYTIDE_SECRET_FILE, 'verifier'].map((path) => readFileSync(path, 'utf8').trim());
    const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
    const response = await fetch(process.env.KEYTIDE_URL + '/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + verifier },
      body: JSON.stringify({ query, variables: { input: { secret, consumer: 'job' } } }),
    });
    const { data } = await response.json();
    process.exitCode = data.verifyKey.outcome === 'VALID' ? 0 : 1;`;
  writeFileSync(world.path('use.mjs'), `import { readFileSync } from 'node:fs';${script}`);
  const { secret } = await world.keep('release', '--prove', `${process.execPath} use.mjs`);
  await world.verify(secret, 'job');
  const run = await world.renew('release', '--rotate');
  expect(run.keys['release'], run.stderr).toMatchObject({ outcome: 'ROTATED', status: 0 });
  expect(await world.verify(secret, 'job')).toBe('SECRET_RETIRED');
});
