import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { dumpTables } from '../support/dump-tables.ts';
import { invariantsBroken } from '../support/invariants.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { askNode } from './ask-node.ts';
import { withDatabaseClient, openOwnDatabase } from './own-database.ts';
import { openWorld } from './world.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

const STOPS = isLong ? 10 : 2;
const AWAY_MS = 1_500;

/** How soon all is well again when the database is back. In ms. */
const RECOVERS_MS = 5_000;

const issued = { realm: 'default', name: 'release', scopes: [{ action: 'package:push', resource: '**' }] };
const ISSUE = mutationQuery('issueKey', 'key { id } secret');

test(
  `database: ${STOPS} stops under load refuse no valid key; nodes stay live, are not ready, and recover`,
  { timeout: 240_000 },
  async () => {
    const database = await openOwnDatabase();
    const world = await openWorld({ database, seed: 2, nodeCount: 3 });
    const { secret } = await world.mutate('issueKey', issued, 'secret');
    const answers = new Map<string, number>();
    const over = new AbortController();
    const asking = world.nodes.flatMap((node) =>
      Array.from({ length: 3 }, async () => {
        while (!over.signal.aborted) {
          const response = await askNode(node, VERIFY_KEY, { secret }, world.verifier);
          const answer = 'value' in response ? (response.value.outcome as string) : response.code;
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
          await pause(5);
        }
      }),
    );
    const each = (path: string) =>
      Promise.all(world.nodes.map(async ({ url }) => (await fetch(`${url}${path}`)).status));
    for (let stop = 0; stop < STOPS; stop += 1) {
      await database.end(stop % 2 === 0 ? 'SIGINT' : 'SIGQUIT');
      expect(await each('/readyz')).toEqual([503, 503, 503]);
      expect(await each('/livez')).toEqual([200, 200, 200]);
      const refused = await fetch(`${world.nodes[0]?.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${world.token}` },
        body: JSON.stringify({ query: ISSUE, variables: { input: issued } }),
      });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      await pause(AWAY_MS);
      await database.start();
      await expect.poll(() => each('/readyz'), { timeout: RECOVERS_MS }).toEqual([200, 200, 200]);
    }
    over.abort();
    await Promise.all(asking);
    expect([...answers.keys()].filter((answer) => answer !== 'UNAVAILABLE')).toEqual(['VALID']);
    const again = await askNode(world.nodes[2]!, VERIFY_KEY, { secret }, world.verifier);
    expect(again).toMatchObject({ value: { outcome: 'VALID' } });
  },
);

test('database: on a full disk changes fail as a whole, and reads continue', { timeout: 180_000 }, async () => {
  const database = await openOwnDatabase();
  const { nodes, token, verifier, mutate } = await openWorld({ database, seed: 3, nodeCount: 1 });
  const [node] = nodes;
  const { secret } = await mutate('issueKey', issued, 'secret');
  expect(await askNode(node!, VERIFY_KEY, { secret }, verifier)).toMatchObject({ value: { outcome: 'VALID' } });
  const count = async () => {
    const { Key, Event, IdempotencyRecord } = await withDatabaseClient(database.connectionString, dumpTables);
    return [Key, Event, IdempotencyRecord].map((rows) => rows?.length);
  };
  // The first use has been told by then.
  await expect.poll(async () => (await count())[1]).toBeGreaterThan(3);
  const before = await count();
  await database.fill(true);
  const outcomes = new Map<string, number>();
  for (let index = 0; index < 30; index += 1) {
    const response = await askNode(node!, ISSUE, { ...issued, idempotencyKey: `issue ${index}` }, token);
    const outcome = 'value' in response ? (response.value.__typename as string) : response.code;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    expect(await askNode(node!, VERIFY_KEY, { secret }, verifier)).toMatchObject({ value: { outcome: 'VALID' } });
  }
  await database.fill(false);
  const made = outcomes.get('IssueKeySuccess') ?? 0;
  expect(outcomes.get('UNAVAILABLE')).toBe(30 - made);
  expect(made).toBeLessThan(30);
  // Each has its key, its one event and its record, or none of them.
  expect(await count()).toEqual(before.map((one) => (one ?? 0) + made));
  expect(await withDatabaseClient(database.connectionString, invariantsBroken)).toEqual({});
  await mutate('issueKey', issued, 'key { id }');
});
