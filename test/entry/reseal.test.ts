import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOtherSeals } from '../../src/entry/reseal.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { emptyDatabase } from '../support/database.ts';
import { dataFolder } from '../support/embedded-process.ts';
import { askAt, refusedGateway, startGateway } from '../support/gateway-process.ts';
import { openGateway } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { runProgram } from '../support/run-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const issued = { realm: 'default', name: 'release', scopes: [{ action: 'package:push', resource: '**' }] };

async function signIn({ url }: { url: string }): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

test('sealing key: another key is refused at start and by reset-password, and keytide reseal loses only what was sealed', async () => {
  const settingsWith = (key: Buffer) => ({ ...shared, KEYTIDE_SEALING_KEY: key.toString('base64') });
  const shared = { DATABASE_URL: await emptyDatabase(), KEYTIDE_ADMIN_PASSWORD: password };
  const [lost, next] = [settingsWith(randomBytes(32)), settingsWith(randomBytes(32))];
  const first = await startGateway(scratchFolder(), lost);
  const token = await signIn(first);
  const answer = await askAt(first.url, mutationQuery('issueKey', 'secret'), { input: issued }, token);
  const { secret } = answer.data['issueKey'];
  await first.end('SIGTERM');

  const refused = await refusedGateway(scratchFolder(), next);
  expect(refused.stderr).toMatch(
    /^keytide: Sealing key: found the key with id [0-9a-f]{8}; the database holds .* run: keytide reseal\n$/,
  );
  expect(refused.status).toBe(78);
  const reset = await runProgram('entry/reset-password.ts', ['admin@localhost'], next);
  expect(reset).toEqual({ status: 78, stdout: '', stderr: refused.stderr });

  const resealed = await runProgram('cli/main.ts', ['reseal', '--json'], next);
  expect(resealed).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(resealed.stdout)).toEqual({ signingKeys: 1, webhooks: 0, repeatableSecrets: 0, foreignSecrets: 0 });
  const second = await startGateway(scratchFolder(), next);
  const again = await signIn(second);
  expect((await askAt(second.url, VERIFY_KEY, { input: { secret } }, again)).data['verifyKey'].outcome).toBe('VALID');
  expect((await askAt(second.url, '{ viewer { __typename } }', {}, token)).errors).toBeDefined();
  expect((await refusedGateway(scratchFolder(), lost)).status).toBe(78);
});

test('sealing key: a data folder that has lost its file is refused, and no new key takes its place', async () => {
  const folder = dataFolder();
  const settings = { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password };
  const first = await startGateway(folder, settings);
  await signIn(first);
  await first.end('SIGTERM');
  const file = join(folder, 'sealing-key');
  renameSync(file, `${file}.copy`);
  const refused = await refusedGateway(folder, settings);
  expect(refused.stderr).toMatch(/^keytide: Sealing key .*: the file is missing, .* run: keytide reseal\n$/);
  expect([refused.status, existsSync(file)]).toEqual([78, false]);
  renameSync(`${file}.copy`, file);
  expect(await signIn(await startGateway(folder, settings))).toBeDefined();
});

test('reseal: webhooks get new secrets and are paused with an event, and repeatable secrets are forgotten', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const perform = async (mutation: string, input: object, selection: string) =>
    (await gateway.ask(mutationQuery(mutation, selection), { input }, token)).data[mutation];
  const hook = { url: 'https://hooks.example:1/', description: 'events' };
  const { webhook } = await perform('createWebhook', hook, 'webhook { id }');
  const { secret } = await perform('issueKey', { ...issued, idempotencyKey: 'once' }, 'secret');
  expect(secret).toMatch(/^kt_/);
  // Of the imported secrets, those of few random bits are lost with the key, but not the keys that wait for their secret.
  const accept = (randomBits: number) =>
    perform('updateRealm', { realm: 'default', foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits } }, '__typename');
  const { id: owner } = await gateway.person('ann');
  const row = { name: 'imported', scopes: issued.scopes, owner };
  for (const [randomBits, digest, more] of [
    [100, 'ab'.repeat(32), {}],
    [100, 'cd'.repeat(32), { state: 'REVOKED', stateReason: 'over' }],
    [100, '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW', { externalKeyId: 'announced' }],
    [160, 'ef'.repeat(32), {}],
  ] as const) {
    await accept(randomBits);
    const keys = [{ ...row, digest, ...more }];
    expect((await perform('importKeys', { realm: 'default', keys }, 'refused { message }')).refused).toEqual([]);
  }
  const { prisma, services } = gateway;
  const core = { ...services, sealer: new Sealer(new Uint8Array(32).fill(8), systemRandom) };
  expect(await removeOtherSeals(services)).toEqual({
    signingKeys: 0,
    webhooks: 0,
    repeatableSecrets: 0,
    foreignSecrets: 0,
  });
  expect(await removeOtherSeals(core)).toEqual({
    signingKeys: 1,
    webhooks: 1,
    repeatableSecrets: 1,
    foreignSecrets: 1,
  });
  expect(await removeOtherSeals(core)).toEqual({
    signingKeys: 0,
    webhooks: 0,
    repeatableSecrets: 0,
    foreignSecrets: 0,
  });
  expect(await prisma.webhook.findMany({ select: { id: true, state: true } })).toEqual([
    { id: webhook.id, state: 'PAUSED' },
  ]);
  expect(await prisma.webhookSecret.findMany({ select: { generation: true, retiresAt: true } })).toEqual([
    { generation: 2, retiresAt: null },
  ]);
  const events = await prisma.event.findMany({
    orderBy: { position: 'desc' },
    take: 2,
    select: { type: true, actorKind: true },
  });
  expect(events).toEqual([
    { type: 'WEBHOOK_PAUSED', actorKind: 'SYSTEM' },
    { type: 'WEBHOOK_SECRET_ROTATED', actorKind: 'SYSTEM' },
  ]);
});
