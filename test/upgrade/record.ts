import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { dumpTables } from '../support/dump-tables.ts';
import { engageBrake } from '../support/engage-brake.ts';
import { openGateway } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';

// Records the database that `database.test.ts` upgrades. Run on the release that is to be upgraded from:
//   npx vitest run --config test/upgrade/record.config.ts

const DAY_MS = 86_400_000;
const SCOPES = [{ action: 'package:push', resource: 'Acme.*' }];

test('records a database with keys in every state', { timeout: 120_000 }, async () => {
  const gateway = await openGateway();
  const { database, clock } = gateway;
  const olga = await gateway.person('Olga');
  const perform = async (mutation: string, input: object, selection: string, credential?: string): Promise<any> => {
    const token = credential ?? (await gateway.session(olga.id));
    const { data, errors } = await gateway.ask(mutationQuery(mutation, selection), { input }, token);
    const answer = data?.[mutation];
    if (answer?.__typename.endsWith('Success')) return answer;
    throw new Error(`${mutation}: ${JSON.stringify(errors ?? answer)}`);
  };
  const asAdministrator = async (mutation: string, input: object, selection: string) =>
    perform(mutation, input, selection, await gateway.admin());
  const verify = async (secret: string, consumer: string) => {
    const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer };
    const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
    expect(data['verifyKey'].outcome).toBe('VALID');
  };
  const keys: Record<string, { id: string; secret: string; oldSecret?: string }> = {};
  const issue = async (name: string, input: object = {}) => {
    const { key, secret } = await perform(
      'issueKey',
      { realm: 'default', name, scopes: SCOPES, ...input },
      'secret key { id }',
    );
    keys[name] = { id: key.id, secret };
    return keys[name];
  };
  const travelDays = async (days: number) => {
    for (let day = 0; day < days; day++) await gateway.travel(DAY_MS);
  };

  await issue('EXPIRED', { lifetime: 'P2D' });
  const dormant = await issue('HELD_BY_POLICY');
  await verify(dormant.secret, 'acme/idle');
  await travelDays(400);
  await issue('ACTIVE', { lifetime: 'P90D', labels: [{ name: 'team', value: 'core' }] });
  await issue('WITHOUT_EXPIRY');
  await issue('EXPIRES_SOON', { lifetime: 'P20D' });
  await issue('HELD');
  await issue('REVOKED');
  await issue('ROTATING');
  await issue('ROTATED');
  for (const name of ['ACTIVE', 'ROTATING', 'ROTATED', 'WITHOUT_EXPIRY']) await verify(keys[name]!.secret, 'acme/core');
  await travelDays(7);
  await perform('holdKey', { keyId: keys['HELD']!.id, reason: 'found in a log' }, 'key { id }');
  await perform('revokeKey', { keyId: keys['REVOKED']!.id, reason: 'no longer in use' }, 'key { id }');
  const rotate = async (name: string, input: object) => {
    const key = keys[name]!;
    const { secret } = await perform('rotateKey', { keyId: key.id, ...input }, 'secret');
    Object.assign(key, { oldSecret: key.secret, secret });
  };
  await rotate('ROTATED', { gracePeriod: 'PT0S' });
  await rotate('ROTATING', { gracePeriod: 'P7D', idempotencyKey: 'rotate once' });
  const brake = await engageBrake(gateway, 'braked');
  await asAdministrator(
    'bindPolicy',
    { realm: 'default', policy: 'bounded-lifetime', mode: 'SHADOW', config: { longest: 'P180D' } },
    'binding { id }',
  );
  const webhook = await perform(
    'createWebhook',
    { url: 'https://hooks.example:1/', description: 'events' },
    'secret webhook { id }',
  );
  await gateway.travel(60_000);
  const session = await gateway.session(olga.id);
  await gateway.stop();

  const client = createPgClient(database);
  await client.connect();
  const tables = await dumpTables(client);
  await client.end();
  const filled = Object.fromEntries(Object.entries(tables).filter(([, rows]) => rows.length > 0));
  for (const table of [
    'Key',
    'Secret',
    'Hold',
    'Judgement',
    'Brake',
    'WaitingStop',
    'IdempotencyRecord',
    'Webhook',
    'WebhookSecret',
    'Event',
    'Use',
  ]) {
    expect([table, filled[table]?.length ?? 0]).not.toEqual([table, 0]);
  }
  const recorded = { at: clock.now(), olga: { id: olga.id, session }, keys, brake, webhook, tables: filled };
  writeFileSync(new URL('database.json.gz', import.meta.url), gzipSync(JSON.stringify(recorded), { level: 9 }));
});
