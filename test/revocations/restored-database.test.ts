import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp } from '../../src/entry/backup.ts';
import { emptyDatabase } from '../support/database.ts';
import { askAt, refusedGateway, startGateway } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { runProgram } from '../support/run-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const issued = { realm: 'default', scopes: [{ action: 'package:push', resource: '**' }] };

async function signIn(url: string): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

/** A gateway that administers keys, by HTTP. */
async function administer(url: string) {
  const token = await signIn(url);
  const perform = async (mutation: string, input: object, selection: string) => {
    const { data, errors } = await askAt(url, mutationQuery(mutation, selection), { input }, token);
    expect(errors).toBeUndefined();
    return data[mutation];
  };
  return {
    token,
    perform,
    issue: async (name: string) => {
      const { key, secret } = await perform('issueKey', { ...issued, name }, 'key { id } secret');
      return { id: key.id as string, secret: secret as string };
    },
    verify: async (secret: string) => {
      const { data, errors } = await askAt(url, VERIFY_KEY, { input: { secret } }, token);
      return (data?.['verifyKey']?.outcome ?? errors?.[0]?.extensions['code']) as string;
    },
  };
}

function prepare(database: string) {
  const folder = scratchFolder();
  const journal = join(folder, 'journals', 'revocations');
  const settings = {
    DATABASE_URL: database,
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: password,
    KEYTIDE_DATA_DIR: join(folder, 'data'),
    KEYTIDE_REVOCATION_JOURNAL: journal,
  };
  return { folder, journal, settings };
}

test(
  'restored database: it is refused until its journal was replayed; what was revoked since the backup stays revoked',
  { timeout: 240_000 },
  async () => {
    const { folder, journal, settings } = prepare(await emptyDatabase());
    const gateway = await startGateway(folder, settings);
    const { issue, perform, token } = await administer(gateway.url);
    const keys = { good: await issue('good'), revoked: await issue('revoked'), held: await issue('held') };
    const rotated = await issue('rotated');
    const backup = join(folder, 'backup');
    await backUp(settings, backup, () => undefined);
    const late = await issue('late');
    const { secret: next } = await perform('rotateKey', { keyId: rotated.id, gracePeriod: 'PT0S' }, 'secret');
    await perform('holdKey', { keyId: keys.held.id, reason: 'checked' }, 'key { id }');
    await perform('revokeKey', { keyId: keys.revoked.id, reason: 'lost' }, 'key { id }');
    // What was acknowledged is in the journal, whatever happens next.
    await gateway.end('SIGKILL');
    expect(readFileSync(journal, 'utf8')).toMatch(/"KEY_HELD"[^]*"KEY_REVOKED"/);
    expect(statSync(journal).mode & 0o777).toBe(0o600);
    for (const { secret } of [...Object.values(keys), rotated, { secret: next }])
      expect(readFileSync(journal, 'utf8')).not.toContain(secret);

    const restored = { ...settings, DATABASE_URL: await emptyDatabase() };
    const run = await runProgram('cli/main.ts', ['restore', backup], restored);
    expect(run).toMatchObject({ status: 0, stderr: expect.stringMatching(/Run: keytide restore --reconcile\n$/) });
    const refused = await refusedGateway(folder, restored);
    expect(refused.stderr).toBe(
      `keytide: Database: found one that is older than the journal of revocations ${journal}; expected one that has all its entries: it was restored from a backup, and accepts what has been revoked since. Run: keytide restore --reconcile\n`,
    );
    expect(refused.status).toBe(69);
    const replayed = await runProgram('cli/main.ts', ['restore', '--reconcile', '--json'], restored);
    expect(replayed).toMatchObject({ status: 0, stderr: '' });
    const { reconciled } = JSON.parse(replayed.stdout);
    expect(reconciled).toMatchObject({ keyCount: 3, unknownKeyCount: 0, passwordCount: 0, missing: null });
    expect(reconciled.endedSessionCount).toBeGreaterThan(0);
    const second = await startGateway(folder, restored);
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    expect((await askAt(second.url, '{ viewer { __typename } }', {}, token)).errors).toBeDefined();
    const again = await administer(second.url);
    const found = {
      good: await again.verify(keys.good.secret),
      revoked: await again.verify(keys.revoked.secret),
      held: await again.verify(keys.held.secret),
      old: await again.verify(rotated.secret),
      next: await again.verify(next),
      late: await again.verify(late.secret),
    };
    expect(found).toEqual({
      good: 'VALID',
      revoked: 'KEY_REVOKED',
      held: 'KEY_HELD',
      old: 'SECRET_RETIRED',
      next: 'VALID',
      late: 'KEY_UNKNOWN',
    });
    // The new history is in the journal too.
    await again.perform('revokeKey', { keyId: keys.good.id, reason: 'lost too' }, 'key { id }');
    expect(await again.verify(keys.good.secret)).toBe('KEY_REVOKED');
    await second.end('SIGTERM');
    const once = { ...settings, DATABASE_URL: await emptyDatabase() };
    const both = await runProgram('cli/main.ts', ['restore', backup, '--reconcile', '--json'], once);
    expect(JSON.parse(both.stdout).reconciled).toMatchObject({ keyCount: 4 });
  },
);

test(
  'restored database: a journal on a full disk refuses no revocation, and is written when there is space',
  { timeout: 120_000 },
  async () => {
    const { folder, journal, settings } = prepare(await emptyDatabase());
    const limit = 2048 * 512;
    const serve = join(import.meta.dirname, '../../src/entry/serve.ts');
    const limited = `trap "" XFSZ; ulimit -f 2048; exec ${process.execPath} --disable-warning=DeprecationWarning ${serve}`;
    mkdirSync(join(journal, '..'));
    writeFileSync(journal, '\n'.repeat(limit), { mode: 0o600 });
    const gateway = await startGateway(folder, settings, limited);
    const { issue, perform, verify } = await administer(gateway.url);
    const key = await issue('one');
    await perform('revokeKey', { keyId: key.id, reason: 'lost' }, 'key { id }');
    expect(await verify(key.secret)).toBe('KEY_REVOKED');
    await gateway.wrote('journal of revocations not written, will retry');
    const metric = async () =>
      /^keytide_revocation_journal_failing (\d)/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1];
    expect(await metric()).toBe('1');
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    truncateSync(journal, 0);
    await expect.poll(metric).toBe('0');
    expect(readFileSync(journal, 'utf8')).toContain('"KEY_REVOKED"');
  },
);

test('restored database: a replay without a journal, and a restore of nothing, are refused', async () => {
  const { folder, settings } = prepare(await emptyDatabase());
  const none = await runProgram('cli/main.ts', ['restore', join(folder, 'backup'), '--reconcile'], settings);
  expect(none.stderr).toMatch(
    /^keytide: Journal of revocations .*: found no file; expected the journal of the lost database: .*Nothing was restored.\n$/,
  );
  expect(none.status).toBe(69);
  expect((await runProgram('cli/main.ts', ['restore'], settings)).status).toBe(64);
});
