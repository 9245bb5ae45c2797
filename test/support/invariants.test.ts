import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { expectInvariants, invariantsBroken } from './invariants.ts';
import { openLeakWorld } from './leak-world.ts';

test('invariants: a leak or pause with a missing row or event is found', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report } = leaks;
  const held = await world.key();
  const resumed = await world.key();
  const rotating = await world.rotatingKey();
  await report(record(held.secret), record(resumed.secret), record(rotating.oldSecret));
  await world.mutate('resumeKey', { keyId: resumed.id }, 'key { id }');
  await world.mutate('updateRealm', { realm: 'default', leakResponse: 'REVOKE' }, 'realm { id }');
  await report(record((await world.key()).secret));
  const [paused, active, ended] = [await world.webhook(), await world.webhook(), await world.webhook()];
  for (const webhookId of [paused, active, ended]) {
    await world.mutate('pauseWebhook', { webhookId, reason: 'its receiver moves' }, 'webhook { id }');
  }
  await world.mutate('resumeWebhook', { webhookId: active }, 'webhook { id }');
  await world.mutate('deleteWebhook', { webhookId: ended }, 'webhook { id }');
  const client = await openDatabase(gateway);

  const leakRule = 'a leak has exactly one event, which records the response';
  const hold = 'a key held for a leak has that hold until a person lifts it';
  const pause = 'a webhook is paused exactly if its last event says so';
  await expectFound(client, [
    [`UPDATE "Event" SET data = data - 'reportedBy' WHERE "keyId" = '${held.id}'`, leakRule],
    [`UPDATE "Event" SET type = 'KEY_HELD' WHERE data->>'by' = 'LEAKED'`, leakRule],
    [`DELETE FROM "Leak" WHERE "secretId" IN (SELECT id FROM "Secret" WHERE "keyId" = '${held.id}')`, leakRule],
    [`DELETE FROM "Hold" WHERE "keyId" = '${held.id}'`, hold],
    [`UPDATE "Hold" SET "keyId" = '${resumed.id}' WHERE "keyId" = '${held.id}'`, hold],
    [`UPDATE "Webhook" SET state = 'ACTIVE', reason = NULL WHERE id = '${paused}'`, pause],
    [`UPDATE "Webhook" SET state = 'PAUSED', reason = 'none' WHERE id = '${active}'`, pause],
    [`UPDATE "Event" SET type = 'WEBHOOK_UPDATED' WHERE type = 'WEBHOOK_PAUSED'`, pause],
  ]);
  await expectInvariants(client);
});

test('invariants: a sign-in with a missing row or event is found, unless it has expired long ago', async () => {
  const gateway = await openGateway();
  await gateway.admin();
  const before = gateway.clock.now().toISOString();
  await gateway.travel(40 * DAY_MS);
  await gateway.admin();
  const client = await openDatabase(gateway);

  await client.query(`DELETE FROM "Session" WHERE "createdAt" <= '${before}'`);
  await expectInvariants(client);
  const sentence = 'a session was opened by one event and ended by one';
  await expectFound(client, [
    [`DELETE FROM "Session" WHERE "createdAt" > '${before}'`, sentence],
    [`UPDATE "Event" SET type = 'ACCOUNT_SIGNED_OUT' WHERE type = 'ACCOUNT_SIGNED_IN' AND at > '${before}'`, sentence],
    [`UPDATE "Account" SET "lastSignInAt" = '${before}'`, sentence],
  ]);
});

async function openDatabase({ database }: Gateway): Promise<Client> {
  const client = new Client({ connectionString: database });
  await client.connect();
  onTestFinished(() => client.end());
  await expectInvariants(client);
  return client;
}

/** Expects that each statement breaks its sentence. */
async function expectFound(client: Client, cases: readonly (readonly [string, string])[]): Promise<void> {
  for (const [statement, sentence] of cases) {
    await client.query('BEGIN');
    expect((await client.query(statement)).rowCount, statement).toBeGreaterThan(0);
    expect(Object.keys(await invariantsBroken(client)), statement).toContain(sentence);
    await client.query('ROLLBACK');
  }
}
