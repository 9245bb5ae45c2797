import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { askAt, refusedGateway, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { type OwnServer, promote, startServer, startStandby } from '../support/standby.ts';
import { openFaultyLine } from './line.ts';
import { socketOf } from './own-database.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const issued = { realm: 'default', name: 'release', scopes: [{ action: 'package:push', resource: '**' }] };
const FAILOVER = { timeout: 15_000, interval: 100 };

/** A gateway whose DATABASE_URL leads to one of several servers, as a name does that a failover turns. */
async function openWorld(first: OwnServer) {
  let target = first;
  const line = await openFaultyLine({ to: () => socketOf(target.connectionString) });
  const settings = {
    DATABASE_URL: `postgresql://keytide@127.0.0.1:${line.port}/postgres?sslmode=disable`,
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: password,
  };
  return {
    settings,
    start: () => startGateway(scratchFolder(), settings),
    flip(server: OwnServer) {
      line.cut();
      target = server;
      line.mend();
    },
  };
}

async function signIn({ url }: GatewayProcess): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

async function issue({ url }: GatewayProcess, token: string): Promise<{ secret: string; key: { id: string } }> {
  const answer = await askAt(url, mutationQuery('issueKey', 'secret key { id }'), { input: issued }, token);
  return answer.data['issueKey'];
}

async function verify({ url }: GatewayProcess, secret: string, token: string): Promise<string> {
  const answer = await askAt(url, VERIFY_KEY, { input: { secret } }, token);
  return answer.data?.['verifyKey']?.outcome ?? answer.errors?.[0]?.extensions['code'];
}

async function revoke({ url }: GatewayProcess, keyId: string, token: string): Promise<string> {
  const input = { keyId, reason: 'leaked' };
  return (await askAt(url, mutationQuery('revokeKey', 'key { id }'), { input }, token)).data['revokeKey'].__typename;
}

async function readiness({ url }: GatewayProcess): Promise<[number, string]> {
  const response = await fetch(`${url}/readyz`);
  const { checks } = (await response.json()) as { checks: { database: { message: string } } };
  return [response.status, checks.database.message];
}

test(
  'standby: a node that a failover leads to a standby verifies nothing, and says why, until it has the primary again',
  { timeout: 120_000 },
  async () => {
    const primary = await startServer();
    const world = await openWorld(primary);
    const node = await world.start();
    const token = await signIn(node);
    const { secret, key } = await issue(node, token);
    const standby = await startStandby(primary);
    const beside = await startGateway(scratchFolder(), { ...world.settings, DATABASE_URL: primary.connectionString });

    world.flip(standby);
    expect(await revoke(beside, key.id, token)).toBe('RevokeKeySuccess');
    const outcomes = new Set<string>();
    await expect
      .poll(async () => {
        outcomes.add(await verify(node, secret, token));
        return (await readiness(node))[1];
      }, FAILOVER)
      .toMatch(/^Database: found a standby .*; expected a primary/);
    for (let count = 0; count < 20; count += 1) outcomes.add(await verify(node, secret, token));
    expect(outcomes).toEqual(new Set(['UNAVAILABLE']));
    expect((await readiness(node))[0]).toBe(503);
    expect((await fetch(`${node.url}/livez`)).status).toBe(200);
    const asked = await fetch(`${node.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: VERIFY_KEY, variables: { input: { secret } } }),
    });
    expect([asked.status, asked.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(node.written().stdout).toContain('database refused: Database: found a standby');

    const refused = await refusedGateway(scratchFolder(), {
      ...world.settings,
      DATABASE_URL: standby.connectionString,
    });
    expect(refused.stderr).toMatch(/^keytide: Database: found a standby [^\n]+\n$/);
    expect([refused.status, refused.stdout]).toEqual([69, '']);

    world.flip(primary);
    await expect.poll(() => readiness(node), FAILOVER).toEqual([200, 'The database responds.']);
    expect(await verify(node, secret, token)).toBe('KEY_REVOKED');
  },
);

test(
  'standby: a promoted one is used, and the primary from before the failover is refused',
  { timeout: 120_000 },
  async () => {
    const primary = await startServer();
    const world = await openWorld(primary);
    const node = await world.start();
    const token = await signIn(node);
    const { secret, key } = await issue(node, token);
    const standby = await startStandby(primary);
    await promote(standby);
    world.flip(standby);
    await expect.poll(() => readiness(node), FAILOVER).toEqual([200, 'The database responds.']);
    await expect.poll(() => verify(node, secret, token), FAILOVER).toBe('VALID');
    expect(await revoke(node, key.id, token)).toBe('RevokeKeySuccess');

    world.flip(primary); // it still runs, as one that nobody fenced
    const outcomes = new Set<string>();
    await expect
      .poll(async () => {
        outcomes.add(await verify(node, secret, token));
        return (await readiness(node))[1];
      }, FAILOVER)
      .toMatch(/^Database: found timeline 1; expected 2 or later/);
    for (let count = 0; count < 20; count += 1) outcomes.add(await verify(node, secret, token));
    expect(outcomes).toEqual(new Set(['UNAVAILABLE']));

    world.flip(standby);
    await expect.poll(() => readiness(node), FAILOVER).toEqual([200, 'The database responds.']);
    expect(await verify(node, secret, token)).toBe('KEY_REVOKED');
  },
);
