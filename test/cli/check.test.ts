import { expect, test } from 'vitest';
import { rateKeys, pickWorstMonitorStatus } from '../../src/cli/check/rate-keys.ts';
import type { CheckedKey } from '../../src/cli/check/checked-keys.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { openCommandWorld, openLoggedInWorld } from '../support/command-world.ts';
import { issue as issueKey } from '../support/issue.ts';
import { MutationWorld } from '../support/mutation-world.ts';
import { trustJob } from '../support/trusted-job.ts';

const LAST = '.local/state/keytide/last-checked.json';

test('check: it exits with monitoring statuses and names the keys that stop soon', async () => {
  const { run, gateway, pia } = await openLoggedInWorld();
  const none = await run(['check']);
  expect([none.status, none.stdout]).toEqual([0, 'KEYTIDE OK - no key stops within 14 days | warning=0 critical=0\n']);
  await issueKey(gateway, pia.token, { name: 'far', lifetime: 'P90D' });
  const { id } = await issueKey(gateway, pia.token, { name: 'near', lifetime: 'P10D' });
  const near = await run(['check', '--warn', '14d']);
  expect(near.status).toBe(1);
  expect(near.stdout).toMatch(
    new RegExp(
      `^KEYTIDE WARNING - near stops in 9 days 23 hours \\| warning=1 critical=0\\nWARNING: near \\(${id}\\) stops in 9 days 23 hours\\n$`,
    ),
  );
  expect((await run(['check', '--warn', '5d'])).status).toBe(0);
  expect((await run(['check', '--critical', '12d'])).status).toBe(2);
  const { json, status } = await run(['check', '--json']);
  expect(status).toBe(1);
  expect(json).toEqual({
    status: 'WARNING',
    message: expect.stringContaining('near stops in'),
    problem: null,
    keys: [
      {
        id,
        name: 'near',
        state: 'ACTIVE',
        stopsAt: expect.any(String),
        stopsBasis: 'HARD',
        askedAt: expect.any(String),
        status: 'WARNING',
        message: expect.any(String),
      },
    ],
  });
});

test('check: a key name cannot forge performance data', async () => {
  const { run, gateway, pia } = await openLoggedInWorld();
  await issueKey(gateway, pia.token, { name: 'a | critical=0', lifetime: 'P2D' });
  const { status, stdout } = await run(['check']);
  expect([status, stdout.split('\n')[0]!.split('|')]).toEqual([
    2,
    [expect.stringContaining('a / critical=0 stops in'), ' warning=0 critical=1'],
  ]);
});

test('check: a held or expired key is critical; --realm and --label limit the keys', async () => {
  const { run, gateway, pia } = await openLoggedInWorld();
  const { id } = await issueKey(gateway, pia.token, { name: 'held', labels: [{ name: 'repo', value: 'core' }] });
  const hold = 'mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
  await gateway.ask(hold, { input: { keyId: id, reason: 'looked at' } }, pia.token);
  const held = await run(['check', '--label', 'repo=core', '--realm', 'default']);
  expect([held.status, held.stdout]).toEqual([2, expect.stringContaining('held is held')]);
  expect((await run(['check', '--label', 'repo=web'])).status).toBe(0);
});

test('check: keys of jobs, which end within minutes, are left out', async () => {
  const { run, login, gateway } = await openCommandWorld();
  await login(await gateway.admin());
  const world = new MutationWorld(gateway);
  const job = await trustJob(world);
  await world.mutate('exchangeToken', { token: job.token() }, 'key { id }', null);
  expect((await run(['list'])).stdout).toContain('release');
  expect((await run(['check'])).stdout).toBe('KEYTIDE OK - no key stops within 14 days | warning=0 critical=0\n');
});

test('check: while the gateway is unavailable it reports the last known state, until that is too old', async () => {
  const { run, gateway, pia, read, write, rights } = await openLoggedInWorld();
  await issueKey(gateway, pia.token, { name: 'near', lifetime: 'P15D' });
  expect((await run(['check'])).status).toBe(0);
  expect(rights(LAST)).toBe('600');
  await gateway.stop();
  const away = await run(['check']);
  expect([away.status, away.stdout]).toEqual([
    0,
    expect.stringMatching(/^KEYTIDE OK - no key stops.*; state of .* ago: The gateway at .* cannot be reached/),
  ]);
  const stored = JSON.parse(read(LAST));
  // After a day and a half the key is within the limit, according to the last known state.
  const shift = (days: number) => {
    const earlier = (at: string) => new Date(Date.parse(at) - days * DAY_MS).toISOString();
    const keys = stored.keys.map((key: CheckedKey) => ({
      ...key,
      askedAt: earlier(key.askedAt),
      stopsAt: earlier(key.stopsAt!),
    }));
    write(LAST, JSON.stringify({ ...stored, askedAt: earlier(stored.askedAt), keys }));
  };
  shift(1.5);
  const near = await run(['check']);
  expect([near.status, near.stdout]).toEqual([
    1,
    expect.stringMatching(/near stops in 13 days.*state of 1 day 12 hours ago/),
  ]);
  shift(3);
  expect((await run(['check', '--warn', '1d'])).status).toBe(3);
  shift(13);
  expect((await run(['check'])).status).toBe(2);
  // The stored state of another filter is not used.
  const other = await run(['check', '--realm', 'other']);
  expect([other.status, other.stdout]).toEqual([3, expect.stringContaining('no earlier state is known')]);
});

test('check: registered keys are checked without a login, in their last known state', async () => {
  const { run, write } = await openCommandWorld();
  const nobody = await run(['check']);
  expect([nobody.status, nobody.stdout]).toEqual([3, expect.stringContaining('Not logged in')]);
  const known = (ms: number, agoMs: number) =>
    JSON.stringify({
      keyId: 'key_01h455vb4pex5vsknk084sn02q',
      askedAt: new Date(Date.now() - agoMs).toISOString(),
      stopsAt: new Date(Date.now() + ms).toISOString(),
      stopsBasis: 'HARD',
      suggestedAt: null,
    });
  const file = '.local/state/keytide/known/release.json';
  write(file, known(40 * DAY_MS, HOUR_MS));
  expect((await run(['check'])).status).toBe(0);
  write(file, known(10 * DAY_MS, HOUR_MS));
  expect(await run(['check'])).toMatchObject({ status: 1, stdout: expect.stringContaining('release stops in 9 days') });
  write(file, known(40 * DAY_MS, 3 * DAY_MS));
  expect(await run(['check'])).toMatchObject({
    status: 3,
    stdout: expect.stringMatching(/last checked 3 days( \d seconds?)? ago/),
  });
  const from = new Date(Date.now() + 5 * DAY_MS).toISOString();
  const warnings = [{ code: 'WILL_STOP', message: 'It will.', from }];
  write(file, JSON.stringify({ ...(JSON.parse(known(40 * DAY_MS, HOUR_MS)) as object), warnings }));
  expect(await run(['check'])).toMatchObject({ status: 1, stdout: expect.stringContaining('announced: WILL_STOP 20') });
  write(file, 'no JSON');
  expect((await run(['check'])).status).toBe(3);
});

test('check: invalid options are UNKNOWN or a usage error', async () => {
  const { run } = await openLoggedInWorld();
  expect(await run(['check', '--warn', 'soon'])).toMatchObject({
    status: 3,
    stdout: expect.stringContaining('--warn: '),
  });
  expect((await run(['check', '--no-such'])).status).toBe(64);
});

test('check: keys are sorted by severity', () => {
  const now = new Date('2026-11-26T00:00:00.000Z');
  const at = (days: number) => new Date(now.getTime() + days * DAY_MS).toISOString();
  const key = (name: string, stopsAt: string | null, more: Partial<CheckedKey> = {}): CheckedKey => ({
    id: name,
    name,
    state: 'ACTIVE',
    stopsAt,
    stopsBasis: null,
    askedAt: at(0),
    ...more,
  });
  const keys = [
    key('endless', null),
    key('far', at(30)),
    key('near', at(10)),
    key('nearer', at(1)),
    key('gone', at(-1)),
    key('expired', at(-2), { state: 'EXPIRED' }),
    key('held', null, { state: 'HELD' }),
    key('unheard', at(30), { askedAt: at(-5) }),
    key('announced', at(60), { warnings: [{ code: 'WILL_STOP_SOONER', message: 'It will.', from: at(40) }] }),
    key('soon', at(60), { warnings: [{ code: 'WILL_STOP', message: 'It will.', from: at(14) }] }),
  ];
  const bounds = { warnMs: 14 * DAY_MS, criticalMs: 3 * DAY_MS, staleMs: 2 * DAY_MS };
  const rated = rateKeys(keys, bounds, now).map(({ name, status, message }) => `${status} ${name} ${message}`);
  expect(rated).toEqual([
    'CRITICAL expired stopped 2 days ago; to renew it, run keytide renew-key expired',
    'CRITICAL gone stopped 1 day ago',
    'CRITICAL nearer stops in 1 day',
    'CRITICAL held is held; to resume it, run keytide resume held',
    'WARNING near stops in 10 days',
    'WARNING soon stops in 60 days, announced: WILL_STOP 2026-12-10',
    'UNKNOWN unheard was last checked 5 days ago',
    'OK far stops in 30 days',
    'OK announced stops in 60 days, announced: WILL_STOP_SOONER 2027-01-05',
    'OK endless does not stop by itself',
  ]);
  expect([
    pickWorstMonitorStatus([]),
    pickWorstMonitorStatus(['OK', 'UNKNOWN']),
    pickWorstMonitorStatus(['WARNING', 'UNKNOWN']),
  ]).toEqual(['OK', 'UNKNOWN', 'WARNING']);
});
