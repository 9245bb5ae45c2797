import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRenewalWorld } from '../support/renewal-world.ts';

/** All files in a folder, with their content. */
function filesBelow(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => [path, readFileSync(join(folder, path), 'latin1')]);
}

test('renew canary: a secret is in its places and nowhere else: no argument, environment, output, history, journal or error', async () => {
  const world = await openRenewalWorld();
  const seen = world.path('seen');
  // `inspect` records everything that a hook can see besides its input; `leak` prints the secret.
  const inspect = `(env; for one in /proc/[0-9]*/cmdline; do tr "\\0" " " < $one; echo; done) >> ${seen} 2>/dev/null`;
  const leak =
    'cat "$KEYTIDE_SECRET_FILE"; cat "$KEYTIDE_SECRET_FILE" >&2; sh -c "exit $(cat status 2>/dev/null || echo 0)"';
  const deploy = [
    '--deploy',
    'exec',
    `command=${inspect}; cat; ${leak}`,
    'secret=stdin',
    'dotenv',
    'file=.env',
    'name=K',
  ];
  const hooks = ['--before', inspect, '--prove', `${inspect}; ${leak}`, '--after', `${inspect}; ${leak}`];
  const { secret } = await world.keep('release', ...deploy, ...hooks, '--proof', 'accepted');
  const runs = [];
  // The first run fails in its hooks, the second one succeeds.
  for (const status of [9, 0]) {
    writeFileSync(world.path('status'), String(status));
    runs.push(await world.command(['renew', 'release', ...(status === 9 ? ['--rotate'] : [])]));
  }
  expect(runs.map(({ status }) => status)).toEqual([69, 0]);
  const fresh = world.secretOf('release');
  expect(fresh).not.toBe(secret);
  runs.push(await world.command(['renew', '--history']), await world.command(['keep', '--json']));
  runs.push(await world.command(['renew', fresh]), await world.command(['keep', fresh, '--url', secret]));
  const written = runs.flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
  expect(written).toContain('deploy: kt_[secret]');
  for (const value of [secret, fresh]) {
    expect(written).not.toContain(value);
    expect(world.gateway.logged.join('\n')).not.toContain(value);
    const holders = filesBelow(world.home).filter(([, text]) => text.includes(value));
    const places = value === fresh ? ['.env', '.local/state/keytide/secrets/release'] : [];
    expect(holders.map(([path]) => path).sort()).toEqual(places);
  }
  expect(world.read('seen')).toContain('KEYTIDE_SECRET_FILE=');
  expect(world.rights('.env')).toBe('600');
  for (const [path] of filesBelow(world.path('.local/state/keytide'))) {
    expect(world.rights('.local/state/keytide', path), path).toBe('600');
  }
});

test('renew canary: the journal of a waiting rotation holds no plaintext secret, and only its owner can read it', async () => {
  const world = await openRenewalWorld();
  const { secret } = await world.keep('release');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'WAITING' });
  const journal = world.read('.local/state/keytide/journals/release.json');
  expect(journal).not.toContain(secret);
  expect(journal).not.toContain(world.secretOf('release'));
  expect(world.rights('.local/state/keytide/journals/release.json')).toBe('600');
});
