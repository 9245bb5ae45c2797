import { expect, test } from 'vitest';
import { SECOND_MS } from '../../../src/domain/duration.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import { systemRandom } from '../../../src/store/random.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { startedDatabase } from '../../support/database.ts';
import { openGateway, type Gateway } from '../../support/gateway.ts';
import { awayError, openInterceptedStore } from '../../support/intercepted-store.ts';
import { issue } from '../../support/issue.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** How many secrets that no key has are sent in each part of the flood. */
const PART = isLong ? 333_400 : 6_000;

/** More than the node remembers as unknown. */
const WARM_UP = 10_500;

const ITEMS = 100;
const SENDERS = 4;

/** For how long the log cannot be read, in s. */
const CUT_S = 60;

/** What a flood may leave behind, in bytes. A secret takes more than 100 in any list. */
const GROWTH_MAX = isLong ? 24_000_000 : 8_000_000;

const purpose = { action: 'package:push', resource: 'Acme.Core' };

test(
  'verification: a flood of unknown secrets beside one hot key fills no memory and fails no request, also while the log cannot be read for a minute',
  { timeout: isLong ? 1_800_000 : 120_000 },
  async () => {
    const database = await startedDatabase();
    const store = openInterceptedStore(database);
    const gateway = await openGateway({ database, store });
    const admin = await gateway.admin();
    const scopes = [{ action: 'keytide:verify', resource: '**' }];
    const verifier = await issue(gateway, admin, { name: 'verifier', scopes });
    const hot = await issue(gateway, admin, { name: 'hot' });
    const flood = (count: number) => sendFlood(gateway, verifier.secret, hot.secret, count);
    await flood(WARM_UP);
    const before = await measureMemory();
    await flood(PART);
    const mend = store.intercept('Event.findMany', () => Promise.reject(awayError()));
    for (let second = 0; second < CUT_S; second += 1) {
      gateway.clock.advance(SECOND_MS);
      await flood(Math.ceil(PART / CUT_S));
    }
    expect(gateway.services.follower.lagMs()).toBe(CUT_S * SECOND_MS);
    mend();
    await gateway.services.follower.catchUp();
    expect(gateway.services.follower.lagMs()).toBe(0);
    await flood(PART);
    expect((await measureMemory()) - before).toBeLessThan(GROWTH_MAX);
    expect(gateway.services.keyTable.size).toBe(2);
  },
);

/** Sends secrets that no key has, each once, and the hot key with each request. */
async function sendFlood(gateway: Gateway, credential: string, hot: string, count: number): Promise<void> {
  let leftCount = count;
  const send = async () => {
    while (leftCount > 0) {
      const size = Math.min(leftCount, ITEMS - 1);
      leftCount -= size;
      const secrets = Array.from({ length: size }, () => newSecret(systemRandom).reveal());
      const items = [hot, ...secrets].map((secret) => ({ secret, ...purpose }));
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` };
      const response = await fetch(`${gateway.url}/verify`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ items }),
      });
      expect(response.status).toBe(200);
      const outcomes = ((await response.json()) as { items: { outcome: string }[] }).items.map(
        ({ outcome }) => outcome,
      );
      expect(outcomes.shift()).toBe('VALID');
      expect(outcomes.length).toBe(size);
      expect(outcomes.every((outcome) => outcome === 'KEY_UNKNOWN')).toBe(true);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  expect(gateway.logged.filter((line) => /"level":"(?:error|fatal)"/.test(line))).toEqual([]);
  gateway.logged.length = 0;
}

async function measureMemory(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
