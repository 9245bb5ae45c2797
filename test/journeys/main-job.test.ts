import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, fetchExchange } from '@urql/core';
import supertest from 'supertest';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { emptyDatabase } from '../support/database.ts';
import { ADMIN } from '../support/first-node.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { ISSUE_KEY, RENEW_KEY, ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

const silent = { info() {}, warn() {} };

const SIGN_IN = /* GraphQL */ `
  mutation ($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on SignInSuccess {
        token
        expiresAt
        account {
          id
          name
        }
      }
    }
  }
`;

const EVENTS = /* GraphQL */ `
  subscription ($after: Cursor, $filter: EventFilter) {
    events(after: $after, filter: $filter) {
      cursor
      type
      at
      key {
        id
      }
      data
    }
  }
`;

test('the main job, on the embedded PostgreSQL in an empty folder', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keytide-journey-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const embedded = await startEmbedded({ folder, log: silent });
  onTestFinished(() => embedded.stop());
  await migrate(embedded.connectionString, { log: silent });
  await runMainJob(await openGateway({ database: embedded.connectionString }));
});

test('the main job, on a PostgreSQL given by its address', { timeout: 180_000 }, async () => {
  const database = await emptyDatabase();
  await migrate(database, { log: silent });
  await runMainJob(await openGateway({ database }));
});

/** Runs what people, automation, an API and tooling do with a key from its first day to its last. */
async function runMainJob(gateway: Gateway): Promise<void> {
  const person = await signIn(gateway);
  const { keyId, secret } = await issue(person);
  const verifier = await issueVerifier(gateway);
  const api = (text: string, resource = 'Acme.Core') => verify(gateway, verifier, text, resource);
  const seen = watch(gateway, await gateway.admin(), keyId);

  expect(await api(secret)).toMatchObject({
    outcome: 'VALID',
    scopeChecked: true,
    key: { id: keyId, realm: 'default' },
  });
  expect(await api(secret, 'Other.Core')).toMatchObject({ outcome: 'SCOPE_MISSING' });
  await gateway.services.uses.flush();

  await gateway.travel(10 * DAY_MS);
  const renewed = await runAutomation(gateway, RENEW_KEY, secret, { idempotencyKey: 'renewal 1' });
  expect(renewed['renewKey']).toMatchObject({
    __typename: 'RenewKeySuccess',
    secret: null,
    key: { expiresAt: formatInstantIn(gateway, 45 * DAY_MS) },
  });

  const rotated = await runAutomation(gateway, ROTATE_KEY, secret, {
    idempotencyKey: 'rotation 1',
    gracePeriod: 'PT1H',
  });
  const newSecret = rotated['rotateKey'].secret as string;
  expect(rotated['rotateKey'].previousRetiresAt).toBe(formatInstantIn(gateway, HOUR_MS));
  expect(await api(secret)).toMatchObject({ outcome: 'VALID' });
  expect(await api(newSecret)).toMatchObject({ outcome: 'VALID' });
  await gateway.services.uses.flush();

  await gateway.travel(HOUR_MS - 1);
  expect(await api(secret)).toMatchObject({ outcome: 'VALID' });
  await gateway.travel(1);
  expect(await api(secret)).toMatchObject({ outcome: 'SECRET_RETIRED' });
  expect(await api(newSecret)).toMatchObject({ outcome: 'VALID' });
  await gateway.services.uses.flush();

  const stopsAt = Date.parse(renewed['renewKey'].key.expiresAt);
  await gateway.travel(stopsAt - gateway.clock.now().getTime() - MINUTE_MS);
  expect(await api(newSecret)).toMatchObject({ outcome: 'VALID' });
  await gateway.travel(MINUTE_MS - 1);
  expect(await api(newSecret)).toMatchObject({ outcome: 'VALID' });
  await gateway.travel(1);
  expect(await api(newSecret)).toMatchObject({ outcome: 'KEY_EXPIRED', key: { id: keyId } });

  await seen.until('KEY_EXPIRED');
  expect(seen.types).toEqual([
    'KEY_ISSUED',
    'KEY_FIRST_USED',
    'KEY_RENEWED',
    'KEY_ROTATION_STARTED',
    'KEY_FIRST_USED',
    'KEY_ROTATION_COMPLETED',
    'KEY_SECRET_REUSED',
    'KEY_EXPIRING',
    // At its last use, a minute before its stop: the next one would come after it.
    'KEY_STOPS_BEFORE_NEXT_USE',
    'KEY_EXPIRED',
  ]);
  await expectEdges(gateway);
}

/** Signs in as a frontend does. */
async function signIn(gateway: Gateway): Promise<Client> {
  let token: string | null = null;
  const client = new Client({
    url: `${gateway.url}/graphql`,
    exchanges: [fetchExchange],
    preferGetMethod: false,
    fetchOptions: () => ({ headers: token === null ? {} : { Authorization: `Bearer ${token}` } }),
  });
  const refused = await client.mutation(SIGN_IN, { input: { ...ADMIN, password: 'a wrong password' } });
  expect(refused.data.signIn.__typename).toBe('InvalidCredentials');
  const { data } = await client.mutation(SIGN_IN, { input: ADMIN });
  expect(data.signIn.expiresAt).toBe(formatInstantIn(gateway, 12 * HOUR_MS));
  token = data.signIn.token;
  return client;
}

async function issue(person: Client): Promise<{ keyId: string; secret: string }> {
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  const input = {
    realm: 'default',
    name: 'release',
    lifetime: 'P45D',
    scopes,
    labels: [{ name: 'repo', value: 'acme' }],
  };
  const { data } = await person.mutation(ISSUE_KEY, { input });
  expect(data.issueKey.secret).toMatch(/^kt_[0-9A-Za-z]{49}$/);
  return { keyId: data.issueKey.key.id, secret: data.issueKey.secret };
}

async function issueVerifier(gateway: Gateway): Promise<string> {
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { data } = await gateway.ask(
    ISSUE_KEY,
    { input: { realm: 'default', name: 'the API', scopes } },
    await gateway.admin(),
  );
  return data['issueKey'].secret;
}

/** Verifies a key as an API does. */
async function verify(gateway: Gateway, verifier: string, secret: string, resource: string) {
  const input = { secret, action: 'package:push', resource, consumer: 'github.com/acme' };
  const response = await supertest(gateway.url)
    .post('/graphql')
    .set('Authorization', `Bearer ${verifier}`)
    .send({ query: VERIFY_KEY, variables: { input } })
    .expect(200);
  return response.body.data.verifyKey;
}

/** Runs a mutation as a job that has only its key. */
async function runAutomation(gateway: Gateway, query: string, secret: string, input: object) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  return ((await response.json()) as { data: Record<string, any> }).data;
}

/** Watches every event of a key as tooling does, from its first event, across sessions that expire. */
function watch(gateway: Gateway, token: string, keyId: string) {
  const types: string[] = [];
  let after: string | null = Buffer.from('1:0').toString('base64url');
  const waiting = new Map<string, () => void>();
  const subscribe = (credential: string) => {
    const variables = { after, filter: { keyIds: [keyId] } };
    gateway.socket(credential).subscribe<{ events: { type: string; cursor: string } }>(
      { query: EVENTS, variables },
      {
        next: ({ data }) => {
          if (!data) return;
          after = data.events.cursor;
          types.push(data.events.type);
          waiting.get(data.events.type)?.();
        },
        // The session expires after twelve hours: a new one continues from the last cursor.
        error: () => void gateway.admin().then(subscribe),
        complete: () => undefined,
      },
    );
  };
  subscribe(token);
  const until = (type: string) =>
    types.includes(type) ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(type, resolve));
  return { types, until };
}

async function expectEdges(gateway: Gateway): Promise<void> {
  const edges = supertest(gateway.url);
  await edges.get('/livez').expect(200);
  const ready = await edges.get('/readyz').expect(200);
  expect(ready.body.status).toBe('READY');
  const metrics = await edges.get('/metrics').expect(200);
  expect(metrics.text).toContain('keytide_http_request_duration_seconds');
  const keySet = await edges.get('/.well-known/jwks.json').expect(200);
  expect(keySet.body.keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' });
  expect(keySet.body.keys[0]).not.toHaveProperty('d');
}

function formatInstantIn(gateway: Gateway, inMs: number): string {
  return new Date(gateway.clock.now().getTime() + inMs).toISOString();
}
