import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, YEAR_MS } from '../../src/domain/duration.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { emptyDatabase } from '../support/database.ts';
import { openGateway } from '../support/gateway.ts';
import { askAt, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { issue } from '../support/issue.ts';
import { startJumpingClock } from '../support/jumping-clock.ts';
import { ISSUE_KEY, RENEW_KEY, VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const administrator: AccountCaller = {
  kind: 'ACCOUNT',
  id: 'account_01h455vb4pex5vsknk084sn02q',
  name: 'admin',
  sessionId: 'session_01h455vb4pex5vsknk084sn02q',
  isAdministrator: true,
  roles: new Map(),
};

test('clock: a node that has refused a key as expired goes on refusing it, whatever the database’s clock does, until it is renewed', async () => {
  const { clock, shownClock, databaseNow, jump } = await startJumpingClock();
  const gateway = await openGateway({ clock: shownClock, isClockTrusted: () => false });
  const olga = await gateway.person('olga');
  const keys: { id: string; secret: string; expiresAt: number }[] = [];
  for (const days of [1, 2, 3, 4, 5]) {
    const { id, secret, stopsAt } = await issue(gateway, olga.token, { lifetime: `P${days}D` });
    keys.push({ id, secret, expiresAt: Date.parse(stopsAt!) });
  }
  const outcomeOf = async (secret: string) =>
    (await verifyKey(gateway.services, administrator, { secret, purpose: null, consumer: null })).outcome;

  let highest = databaseNow().getTime();
  const jumps = [
    5 * MINUTE_MS,
    -5 * MINUTE_MS,
    23 * HOUR_MS,
    2 * HOUR_MS,
    -HOUR_MS,
    -3 * DAY_MS,
    HOUR_MS,
    4 * DAY_MS,
    -4 * DAY_MS,
    -100 * 365 * DAY_MS,
    100 * 365 * DAY_MS,
    5 * DAY_MS,
    -2 * DAY_MS,
  ];
  const told = new Set<string>();
  for (const ms of jumps) {
    await jump(ms);
    for (const { secret, expiresAt } of keys) {
      highest = Math.max(highest, databaseNow().getTime());
      // None of them ends within minutes of where a jump leads.
      const outcome = await outcomeOf(secret);
      expect(outcome, `after ${ms} ms`).toBe(highest >= expiresAt ? 'KEY_EXPIRED' : 'VALID');
      told.add(outcome);
    }
  }
  expect([...told].toSorted()).toEqual(['KEY_EXPIRED', 'VALID']);
  expect(clock.isTrusted()).toBe(false);

  const input = { keyId: keys[0]!.id, lifetime: 'P30D' };
  const { data } = await gateway.ask(RENEW_KEY, { input }, await gateway.session(olga.id));
  expect(data['renewKey'].__typename).toBe('RenewKeySuccess');
  expect(await outcomeOf(keys[0]!.secret)).toBe('VALID');
});

test('clock: a node whose clock is uncertain is not ready and reviews nothing', async () => {
  const { clock, shownClock, jump } = await startJumpingClock();
  let askedCount = 0;
  const isClockTrusted = () => {
    askedCount += 1;
    return clock.isTrusted();
  };
  const gateway = await openGateway({ clock: shownClock, isClockTrusted });
  const key = await issue(gateway, await gateway.admin(), { lifetime: 'P90D' });
  const ready = async () => {
    const response = await fetch(`${gateway.url}/readyz`);
    const { checks } = (await response.json()) as { checks: { clock: { isReady: boolean } } };
    return [response.status, checks.clock.isReady];
  };
  const isDue = async () => (await gateway.prisma.key.findUniqueOrThrow({ where: { id: key.id } })).reviewAt! <= due;
  expect(await ready()).toEqual([200, true]);

  await jump(-MINUTE_MS);
  const due = new Date(clock.now().getTime() - 1);
  await gateway.prisma.key.update({ where: { id: key.id }, data: { reviewAt: due } });
  expect(await ready()).toEqual([503, false]);
  const from = askedCount;
  await expect.poll(() => askedCount - from, { timeout: 20_000 }).toBeGreaterThan(6);
  expect(await isDue()).toBe(true);

  await jump(MINUTE_MS);
  expect(await ready()).toEqual([200, true]);
  await expect.poll(isDue, { timeout: 20_000 }).toBe(false);
});

/** Nodes on one database, each with a wall clock of its own that is off by so much. */
async function startApart(shiftsMs: readonly number[]) {
  const settings = {
    DATABASE_URL: await emptyDatabase(),
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: 'a good long password',
    NODE_OPTIONS: `--import=${fileURLToPath(new URL('../support/skewed-clock.ts', import.meta.url))}`,
  };
  const nodes: GatewayProcess[] = [];
  for (const ms of shiftsMs) {
    nodes.push(await startGateway(scratchFolder(), { ...settings, TEST_CLOCK_OFFSET_MS: String(ms) }));
  }
  const client = createPgClient(settings.DATABASE_URL);
  await client.connect();
  onTestFinished(() => client.end());
  const databaseNow = async () => {
    const { rows } = await client.query<{ at: Date }>('SELECT clock_timestamp() AS at');
    return rows[0]!.at.getTime();
  };
  return { nodes, client, databaseNow };
}

test(
  'clock: nodes whose own clocks are an hour or a century off refuse no key early and accept none late',
  { timeout: 120_000 },
  async () => {
    const shifts = [0, HOUR_MS, -HOUR_MS, 100 * YEAR_MS];
    const { nodes, client, databaseNow } = await startApart(shifts);
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
    const credentials = { input: { email: 'admin@localhost', password: 'a good long password' } };
    const tokens: string[] = [];
    for (const { url } of nodes) tokens.push((await askAt(url, signIn, credentials)).data['signIn'].token);
    for (const [index, shiftMs] of shifts.entries()) {
      // What a node writes to its log is of its own clock.
      const { wrote, written } = nodes[index]!;
      await wrote('"msg":"request"');
      const [, time = ''] = /"time":"([^"]+)".*"msg":"request"/.exec(written().stdout) ?? [];
      expect(Math.abs(Date.parse(time) - Date.now() - shiftMs)).toBeLessThan(2 * MINUTE_MS);
    }

    const input = {
      realm: 'default',
      name: 'ci',
      scopes: [{ action: 'package:push', resource: '**' }],
      lifetime: 'P2D',
    };
    const issued = (await askAt(nodes[1]!.url, ISSUE_KEY, { input }, tokens[0])).data['issueKey'];
    const expiresAt = (await databaseNow()) + 4_000;
    const nearer = { keyId: issued.key.id, expiresAt: new Date(expiresAt).toISOString() };
    const update = 'mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }';
    expect(await askAt(nodes[2]!.url, update, { input: nearer }, tokens[3])).toMatchObject({
      data: { updateKey: { __typename: 'UpdateKeySuccess' } },
    });

    const seen = new Set<string>();
    let isOver = false;
    while (!isOver) {
      const answers = await Promise.all(
        nodes.map(async ({ url }, index) => {
          const before = await databaseNow();
          // A session of another node: each believes what the others have signed.
          const token = tokens[(index + 1) % tokens.length]!;
          const { data } = await askAt(url, VERIFY_KEY, { input: { secret: issued.secret } }, token);
          return { before, outcome: data['verifyKey'].outcome as string, after: await databaseNow() };
        }),
      );
      for (const { before, outcome, after } of answers) {
        seen.add(outcome);
        // To the half second of what measuring is unsure of on a machine with other work.
        if (after < expiresAt - 500) expect(outcome).toBe('VALID');
        if (before > expiresAt + 500) expect(outcome).toBe('KEY_EXPIRED');
      }
      isOver = answers.every(({ before }) => before > expiresAt + 500);
    }
    expect([...seen].toSorted()).toEqual(['KEY_EXPIRED', 'VALID']);
    const { rows } = await client.query<{ at: Date }>(
      `SELECT "recordedAt" AS at FROM "Event" WHERE type = 'KEY_EXPIRED'`,
    );
    for (const { at } of rows) expect(at.getTime()).toBeGreaterThanOrEqual(expiresAt - 500);
  },
);
