import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, WEEK_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { TIMELINE_PERIODS_MAX, timelinePeriods } from '../../src/domain/timeline.ts';
import { countStatements } from '../support/count-statements.ts';
import type { Gateway } from '../support/gateway.ts';
import { makeManyKeys, type ManyKey } from '../support/many-keys.ts';
import { seededDraw } from '../support/seeded-random.ts';
import { openTown, type Town } from '../support/town.ts';

const COUNTS = 'byHand byItself renewals retirements stopped';

const TIMELINE = `query ($from: DateTime!, $to: DateTime!, $step: TimelineStep!, $filter: KeyFilter, $groupBy: TimelineGroup, $first: Int, $after: String) {
  timeline(from: $from, to: $to, step: $step, filter: $filter, groupBy: $groupBy) {
    at from to periods total { ${COUNTS} } freezes { realm { slug } from to reason }
    lanes(first: $first, after: $after) {
      edges { cursor node { owner { id name } realm { id slug } byHandCount counts { ${COUNTS} } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const kinds = ['byHand', 'byItself', 'renewals', 'retirements', 'stopped'] as const;

type Counts = Record<(typeof kinds)[number], number[]>;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Reads a timeline, and all pages of its lanes. */
async function readTimeline({ ask }: Pick<Gateway, 'ask'>, token: string, variables: object, size = 2) {
  const lanes: { owner: { id: string } | null; realm: { id: string } | null; byHandCount: number; counts: Counts }[] =
    [];
  let after: string | null = null;
  for (;;) {
    const { data, errors } = await ask(TIMELINE, { ...variables, first: size, after }, token);
    expect(errors).toBeUndefined();
    const { edges, pageInfo } = data['timeline'].lanes;
    lanes.push(...edges.map(({ node }: any) => node));
    if (!pageInfo.hasNextPage) return { ...data['timeline'], lanes } as Record<string, any> & { lanes: typeof lanes };
    after = pageInfo.endCursor;
  }
}

/** Keys of several owners in two realms, drawn from a seed: every kind of stop, renewal and rotation. */
async function fillTown({ gateway, olga, eve, acme, globex, realm, other }: Town, seed: number): Promise<void> {
  const { services, clock } = gateway;
  const draw = seededDraw(seed);
  const now = clock.now();
  const near = () => addMs(now, (draw.below(100) - 40) * DAY_MS + draw.below(24) * HOUR_MS);
  const ahead = () => addMs(now, 1 + draw.below(60) * DAY_MS);
  const owners = [{ accountId: olga.id }, { accountId: eve.id }, { organizationId: acme }, { organizationId: globex }];
  for (const realmId of [realm, other]) {
    const keys: ManyKey[] = Array.from({ length: 60 }, () => {
      const stopsAt = draw.pick([null, near(), ahead()]);
      const basis = draw.pick(['HARD', 'BY_USE'] as const);
      const isHard = stopsAt !== null && basis === 'HARD';
      return {
        ...draw.pick(owners),
        stopsAt,
        stopsBasis: stopsAt === null ? null : basis,
        expiresAt: isHard ? stopsAt : null,
        expiryBasis: isHard ? 'HARD' : null,
        isSelfRenewing: draw.pick([true, false]),
        renewalDueAt: draw.pick([null, near(), ahead()]),
        isHeld: draw.below(6) === 0,
        isRotating: draw.below(6) === 0,
        expiredAt: draw.below(10) === 0 ? addMs(now, -draw.below(30) * DAY_MS) : null,
        revokedAt: draw.below(10) === 0 ? now : null,
        lastUsedAt: draw.pick([null, now]),
      };
    });
    await makeManyKeys(services, realmId, keys);
  }
  // Some of the holds are a policy's.
  await gateway.prisma.hold.updateMany({ where: { keyId: { gt: 'key_' } }, data: { source: 'POLICY' } });
}

test.each([1, 2, 3])('timeline: the sums of all lanes are the totals, and the number of keys (%i)', async (seed) => {
  const town = await openTown();
  await fillTown(town, seed);
  const { gateway, admin, ann, eve } = town;
  const now = gateway.clock.now();
  const count = async (token: string, filter: object) =>
    (await gateway.ask('query ($filter: KeyFilter) { keyCount(filter: $filter) }', { filter }, token)).data['keyCount'];
  for (const token of [admin.token, ann.token, eve.token]) {
    for (const filter of [{}, { realm: 'other' }, { owner: town.acme, neverUsed: true }, { automation: ['LATE'] }]) {
      for (const [step, groupBy] of [
        ['DAY', 'OWNER'],
        ['WEEK', 'REALM'],
        ['SIX_HOURS', 'OWNER'],
      ] as const) {
        const range = { from: addMs(now, -20 * DAY_MS).toISOString(), to: addMs(now, 60 * DAY_MS).toISOString() };
        const timeline = await readTimeline(gateway, token, { ...range, step, groupBy, filter });
        for (const kind of kinds) {
          const ofLanes = timeline['total'][kind].map((_: number, index: number) =>
            sum(timeline.lanes.map(({ counts }) => counts[kind][index] ?? 0)),
          );
          expect(ofLanes).toEqual(timeline['total'][kind]);
        }
        for (const lane of timeline.lanes) expect(sum(lane.counts.byHand)).toBe(lane.byHandCount);
        const order = timeline.lanes.map(({ byHandCount }) => byHandCount);
        expect(order).toEqual(order.toSorted((a, b) => b - a));
        const { byHand, byItself, stopped } = timeline['total'] as Counts;
        const stopping = {
          states: ['ACTIVE', 'HELD'],
          stopsAfter: addMs(now, 1).toISOString(),
          stopsBefore: timeline['to'],
        };
        expect(sum(byHand) + sum(byItself)).toBe(await count(token, { ...filter, ...stopping }));
        if (!('automation' in filter)) {
          expect(sum(byItself)).toBe(await count(token, { ...filter, ...stopping, automation: ['WORKING'] }));
        }
        // What has stopped is behind, what stops is ahead.
        const present = Math.floor((now.getTime() - Date.parse(timeline['from'])) / stepMs[step]);
        expect([...byHand, ...byItself].length).toBe(2 * timeline['periods'].length);
        expect(sum([...byHand.slice(0, present), ...byItself.slice(0, present)])).toBe(0);
        expect(sum(stopped.slice(present + 1))).toBe(0);
      }
    }
  }
});

const stepMs = { DAY: DAY_MS, WEEK: WEEK_MS, SIX_HOURS: 6 * HOUR_MS };

test('timeline: it counts the same stops as the forecast, day by day', async () => {
  const town = await openTown();
  await fillTown(town, 4);
  const { gateway, admin } = town;
  const now = gateway.clock.now();
  const to = addMs(now, 50 * DAY_MS).toISOString();
  const timeline = await readTimeline(gateway, admin.token, { from: now.toISOString(), to, step: 'DAY' });
  const { data } = await gateway.ask('{ forecast(horizon: "P50D") { startsAt keyCount } }', {}, admin.token);
  const days = timeline['periods'].map((startsAt: string, index: number) => {
    return { startsAt, keyCount: timeline['total'].byHand[index] + timeline['total'].byItself[index] };
  });
  const last = timeline['periods'].at(-1);
  const isWhole = ({ startsAt, keyCount }: any) => startsAt !== last && keyCount > 0;
  expect(days.filter(isWhole)).toEqual(data['forecast'].filter(isWhole));
  expect(data['forecast'].length).toBeGreaterThan(10);
});

test('timeline: each mark is in the period of its moment', async () => {
  const { gateway, olga, acme, realm, admin } = await openTown();
  const now = gateway.clock.now();
  const days = (count: number) => addMs(now, count * DAY_MS);
  const hard = (at: Date) => ({ stopsAt: at, stopsBasis: 'HARD', expiresAt: at, expiryBasis: 'HARD' }) as const;
  const owner = { accountId: olga.id };
  await makeManyKeys(gateway.services, realm, [
    { ...owner, ...hard(days(1)) },
    { ...owner, ...hard(days(1)), isSelfRenewing: true, renewalDueAt: days(0) },
    { ...owner, ...hard(days(2)), isSelfRenewing: true, renewalDueAt: days(-2) },
    { ...owner, ...hard(days(-1)) },
    { organizationId: acme, isRotating: true },
    { organizationId: acme, ...hard(days(1)), revokedAt: now },
  ]);
  const range = { from: days(-1).toISOString(), to: days(3).toISOString(), step: 'DAY' };
  const { lanes, freezes, from, to } = await readTimeline(gateway, admin.token, range);
  expect(lanes.map(({ owner, counts }) => [owner?.id, counts])).toEqual([
    [
      olga.id,
      {
        byHand: [0, 0, 1, 1, 0],
        byItself: [0, 0, 1, 0, 0],
        renewals: [0, 1, 0, 0, 0],
        retirements: [0, 0, 0, 0, 0],
        stopped: [1, 0, 0, 0, 0],
      },
    ],
    [
      acme,
      {
        byHand: [0, 0, 0, 0, 0],
        byItself: [0, 0, 0, 0, 0],
        renewals: [0, 0, 0, 0, 0],
        retirements: [0, 0, 1, 0, 0],
        stopped: [0, 0, 0, 0, 0],
      },
    ],
  ]);
  expect([from, to, freezes]).toEqual(['2026-11-22T00:00:00.000Z', '2026-11-27T00:00:00.000Z', []]);
});

test('timeline: shows the freezes of the realms that the caller sees, within its time', async () => {
  const town = await openTown();
  const { gateway, realm, other, ann } = town;
  const now = gateway.clock.now();
  const days = (count: number) => addMs(now, count * DAY_MS);
  const freeze = (realmId: string, from: number, to: number) => ({
    realmId,
    from: days(from),
    to: days(to),
    reason: `${from}`,
  });
  await gateway.prisma.freeze.createMany({
    data: [freeze(realm, -9, -8), freeze(realm, 1, 3), freeze(other, 2, 4), freeze(other, 30, 40)],
  });
  const range = { from: now.toISOString(), to: days(7).toISOString(), step: 'DAY' };
  const reasons = async (token: string, more: object = {}) =>
    (await readTimeline(gateway, token, { ...range, ...more }))['freezes'].map(({ reason }: any) => reason);
  expect(await reasons(ann.token)).toEqual(['1', '2']);
  expect(await reasons(ann.token, { filter: { realm: 'other' } })).toEqual(['2']);
  const { secret } = await town.issue(ann.token, { owner: town.acme });
  expect(await reasons(secret)).toEqual(['1']);
});

test('timeline: totals take one statement, lanes one more and one for each kind of owner', async () => {
  // The node reviews nothing meanwhile.
  const town = await openTown({ isClockTrusted: () => false });
  await fillTown(town, 5);
  const { gateway, admin } = town;
  const now = gateway.clock.now();
  const variables = { from: now.toISOString(), to: addMs(now, 30 * DAY_MS).toISOString(), step: 'DAY', first: 100 };
  await gateway.services.follower.stop();
  const { statements } = await countStatements(() => gateway.ask(TIMELINE, variables, admin.token));
  expect(statements.filter((text) => text.includes('chosen AS MATERIALIZED'))).toHaveLength(2);
  // The session, two counts, accounts, organizations, freezes and their realms.
  expect(statements).toHaveLength(7);
});

test('timeline: refuses what is no time, too long a time, and a cursor of another list', async () => {
  const { gateway, admin } = await openTown();
  const ask = async (variables: object) => {
    const { errors } = await gateway.ask(TIMELINE, { step: 'DAY', ...variables }, admin.token);
    return errors?.map(({ message, extensions }) => [extensions['code'], message]);
  };
  const from = '2026-01-01T00:00:00Z';
  expect(await ask({ from, to: from })).toEqual([['BAD_USER_INPUT', 'from, to: found 0 periods; expected 1 to 400.']]);
  expect(await ask({ from, to: '2028-01-01T00:00:00Z' })).toEqual([
    ['BAD_USER_INPUT', 'from, to: found 730 periods; expected 1 to 400.'],
  ]);
  const to = '2026-02-01T00:00:00Z';
  for (const after of ['', 'x', Buffer.from('[1,"nobody"]').toString('base64url')]) {
    expect(await ask({ from, to, after })).toEqual([
      ['BAD_USER_INPUT', 'after: found a cursor that is not of this list. Take cursors from pageInfo or an edge.'],
    ]);
  }
  expect(await ask({ from, to, first: 101 })).toEqual([['BAD_USER_INPUT', 'first: found 101; expected 0 to 100.']]);
});

test('timeline: periods cover the time, aligned in UTC', () => {
  const draw = seededDraw(6);
  for (const step of ['HOUR', 'SIX_HOURS', 'DAY', 'WEEK'] as const) {
    for (let index = 0; index < 200; index += 1) {
      const from = new Date(draw.below(3_000_000_000) * 1_000);
      const to = addMs(from, 1 + draw.below(100 * DAY_MS));
      const periods = timelinePeriods(from, to, step);
      if ('found' in periods) {
        expect(periods.found).toBeGreaterThan(TIMELINE_PERIODS_MAX);
        continue;
      }
      const { count, stepMs } = periods;
      expect(periods.from.getTime()).toBeLessThanOrEqual(from.getTime());
      expect(periods.from.getTime()).toBeGreaterThan(from.getTime() - stepMs);
      expect(periods.to.getTime()).toBeGreaterThanOrEqual(to.getTime());
      expect(periods.to.getTime()).toBeLessThan(to.getTime() + stepMs);
      expect(periods.to.getTime() - periods.from.getTime()).toBe(count * stepMs);
      expect(periods.from.getUTCMinutes() + periods.from.getUTCSeconds()).toBe(0);
      if (step === 'WEEK') expect(periods.from.getUTCDay()).toBe(1);
      if (step !== 'HOUR') expect(periods.from.getUTCHours() % 6).toBe(0);
    }
  }
});

test('key counts: each is the number of keys of its filter, in one statement', async () => {
  const town = await openTown();
  await fillTown(town, 7);
  const { gateway, ann, admin, eve } = town;
  const now = gateway.clock.now();
  await gateway.prisma.leak.createMany({
    data: (await gateway.prisma.secret.findMany({ take: 30, orderBy: { id: 'asc' } })).map(({ id: secretId }) => ({
      secretId,
      ownerId: ann.id,
      reportedBy: 'github',
      reportedAt: now,
      outcome: 'HELD' as const,
    })),
  });
  await gateway.prisma.key.updateMany({
    where: { name: 'release', lastUsedAt: null },
    data: { rotationExtended: true },
  });
  const query = `query ($filter: KeyFilter) { keyCounts(filter: $filter) {
    keyCount byState { state keyCount } byStanding { standing keyCount }
    stopsSoon stopsSoonByHand neverUsed rotating stalled withoutAutomation lateAutomation leaked } }`;
  const live = { states: ['ACTIVE', 'HELD'] };
  const soon = { ...live, stopsAfter: addMs(now, 1).toISOString(), stopsBefore: addMs(now, 30 * DAY_MS).toISOString() };
  const filters: Record<string, object> = {
    keyCount: {},
    ...Object.fromEntries(['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'].map((state) => [state, { states: [state] }])),
    ...Object.fromEntries(
      ['ACTIVE', 'WARNED', 'HELD', 'EXPIRED'].map((standing) => [`standing ${standing}`, { standings: [standing] }]),
    ),
    stopsSoon: soon,
    stopsSoonByHand: { ...soon, automation: ['NONE', 'LATE'] },
    neverUsed: { ...live, neverUsed: true },
    rotating: { ...live, rotating: true },
    stalled: { ...live, stalled: true },
    withoutAutomation: { ...live, automation: ['NONE'] },
    lateAutomation: { ...live, automation: ['LATE'] },
    leaked: { ...live, leaked: true },
  };
  await gateway.services.follower.stop();
  for (const token of [admin.token, ann.token, eve.token]) {
    for (const filter of [null, { realm: 'other' }]) {
      const { result, statements } = await countStatements(() => gateway.ask(query, { filter }, token));
      expect(result.errors).toBeUndefined();
      expect(statements.filter((text) => text.includes('chosen AS MATERIALIZED'))).toHaveLength(1);
      const { byState, byStanding, ...others } = result.data['keyCounts'];
      const shown: Record<string, number> = { ...others };
      for (const { state, keyCount } of byState) shown[state] = keyCount;
      for (const { standing, keyCount } of byStanding) shown[`standing ${standing}`] = keyCount;
      const expected: Record<string, number> = {};
      for (const [name, more] of Object.entries(filters)) {
        const asked = { filter: { ...filter, ...more } };
        const { data } = await gateway.ask('query ($filter: KeyFilter) { keyCount(filter: $filter) }', asked, token);
        expected[name] = data['keyCount'];
      }
      expect(shown).toEqual(expected);
      if (token === admin.token)
        expect(
          Object.entries(shown)
            .filter(([, count]) => count === 0)
            .map(([name]) => name),
        ).toEqual(['standing WARNED', 'standing HELD', 'standing EXPIRED']);
    }
  }
});
