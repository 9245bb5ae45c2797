import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { expectInvariants, invariantsBroken } from './invariants.ts';
import { openLeakWorld } from './leak-world.ts';

test('invariants: of leaks and pauses each is found broken when a row or an event of it is missing', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report } = leaks;
  const held = await world.key();
  const resumed = await world.key();
  const rotating = await world.rotatingKey();
  await report(record(held.secret), record(resumed.secret), record(rotating.oldSecret));
  await world.does('resumeKey', { keyId: resumed.id }, 'key { id }');
  await world.does('updateRealm', { realm: 'default', leakResponse: 'REVOKE' }, 'realm { id }');
  await report(record((await world.key()).secret));
  const [paused, active, ended] = [await world.webhook(), await world.webhook(), await world.webhook()];
  for (const webhookId of [paused, active, ended]) {
    await world.does('pauseWebhook', { webhookId, reason: 'its receiver moves' }, 'webhook { id }');
  }
  await world.does('resumeWebhook', { webhookId: active }, 'webhook { id }');
  await world.does('deleteWebhook', { webhookId: ended }, 'webhook { id }');
  const client = new Client({ connectionString: gateway.database });
  await client.connect();
  onTestFinished(() => client.end());
  await expectInvariants(client);

  const told = 'a leak is told by the one event that says what was done, and is told of nothing else';
  const hold = 'a key that was held for a leak has that hold until a person lifts it';
  const pause = 'a webhook is paused exactly when the last that was told of it says so';
  for (const [statement, sentence] of [
    [`UPDATE "Event" SET data = data - 'reportedBy' WHERE "keyId" = '${held.id}'`, told],
    [`UPDATE "Event" SET type = 'KEY_HELD' WHERE data->>'by' = 'LEAKED'`, told],
    [`DELETE FROM "Leak" WHERE "secretId" IN (SELECT id FROM "Secret" WHERE "keyId" = '${held.id}')`, told],
    [`DELETE FROM "Hold" WHERE "keyId" = '${held.id}'`, hold],
    [`UPDATE "Hold" SET "keyId" = '${resumed.id}' WHERE "keyId" = '${held.id}'`, hold],
    [`UPDATE "Webhook" SET state = 'ACTIVE', reason = NULL WHERE id = '${paused}'`, pause],
    [`UPDATE "Webhook" SET state = 'PAUSED', reason = 'none' WHERE id = '${active}'`, pause],
    [`UPDATE "Event" SET type = 'WEBHOOK_UPDATED' WHERE type = 'WEBHOOK_PAUSED'`, pause],
  ] as const) {
    await client.query('BEGIN');
    expect((await client.query(statement)).rowCount, statement).toBeGreaterThan(0);
    expect(Object.keys(await invariantsBroken(client)), statement).toContain(sentence);
    await client.query('ROLLBACK');
  }
  await expectInvariants(client);
});
