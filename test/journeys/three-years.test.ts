import { expect, test } from 'vitest';
import { DAY_MS, WEEK_MS } from '../../src/domain/duration.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { asAdministrator } from '../support/as-administrator.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { changeKey, ISSUE_KEY } from '../support/operations.ts';

const WEEKS = 3 * 52 + 2;

/** How a key is used: at an interval, until a week. */
interface Habit {
  readonly name: string;
  readonly everyWeeks: number;
  readonly untilWeek: number;
}

const weeklyCi: Habit = { name: 'weekly CI', everyWeeks: 1, untilWeek: WEEKS };
const habits: readonly Habit[] = [
  { name: 'three releases a year', everyWeeks: 17, untilWeek: WEEKS },
  { name: 'once in eleven months', everyWeeks: 47, untilWeek: WEEKS },
  { name: 'forgotten', everyWeeks: 2, untilWeek: 20 },
  { name: 'never used', everyWeeks: Infinity, untilWeek: 0 },
];

interface Holder {
  readonly habit: Habit;
  readonly id: string;
  readonly secret: string;
}

const PREVIEW = /* GraphQL */ `
  query ($input: PreviewPolicyInput!) {
    previewPolicy(input: $input) {
      keyCount
      nearerCount
      withoutAutomationCount
      byOwner {
        owner {
          name
        }
        nearerCount
      }
      changes(first: 1) {
        edges {
          node {
            before
            after
            isNearer
          }
        }
      }
    }
  }
`;

const BIND = /* GraphQL */ `
  mutation ($input: BindPolicyInput!) {
    bindPolicy(input: $input) {
      ... on BindPolicySuccess {
        binding {
          id
          effectiveAt
        }
      }
      ... on UserError {
        message
      }
    }
  }
`;

const UNBIND = /* GraphQL */ `
  mutation ($input: UnbindPolicyInput!) {
    unbindPolicy(input: $input) {
      __typename
    }
  }
`;

const EXPLAIN = /* GraphQL */ `
  query ($id: ID!) {
    key(id: $id) {
      state
      explanation {
        summary
        decidedBy {
          code
        }
        verdicts {
          counts
          binding {
            policy
          }
        }
      }
    }
  }
`;

test(
  'three years: a blanket expiry is previewed, announced and withdrawn; keys used once a year live, all others expire after notices',
  { timeout: 180_000 },
  async () => {
    const gateway = await openGateway();
    const administrator = await asAdministrator(gateway);
    const olga = await gateway.person('olga');
    const organization = await gateway.ask(
      'mutation { createOrganization(input: { name: "Sixty" }) { ... on CreateOrganizationSuccess { organization { id } } } }',
      {},
      olga.token,
    );
    const sixty: string = organization.data['createOrganization'].organization.id;
    const issue = async (habit: Habit, owner?: string): Promise<Holder> => {
      const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
      const input = { realm: 'default', name: habit.name, scopes, ...(owner !== undefined && { owner }) };
      const { data } = await gateway.ask(ISSUE_KEY, { input }, olga.token);
      return { habit, id: data['issueKey'].key.id, secret: data['issueKey'].secret };
    };
    const holders: Holder[] = [];
    for (let count = 0; count < 60; count += 1) holders.push(await issue(weeklyCi, sixty));
    for (const habit of habits) holders.push(await issue(habit));
    const stolen = await issue(weeklyCi);
    const verify = (secret: string) =>
      verifyKey(gateway.services, administrator, {
        secret,
        purpose: { action: 'package:push', resource: 'Acme.Core' },
        consumer: 'ci',
      });
    const refused: string[] = [];

    for (let week = 0; week < WEEKS; week += 1) {
      for (const { habit, id, secret } of holders) {
        if (week % habit.everyWeeks !== 0 || week >= habit.untilWeek || habit.everyWeeks === Infinity) continue;
        const { outcome } = await verify(secret);
        if (outcome !== 'VALID') refused.push(`${habit.name} ${id} in week ${week}: ${outcome}`);
      }
      if (week === 4) {
        const reason = 'seen in a public log';
        await gateway.ask(changeKey('holdKey'), { input: { keyId: stolen.id, reason } }, await gateway.admin());
      }
      if (week === 8) await tryBlanketExpiry(gateway);
      await gateway.travel(WEEK_MS);
    }

    expect(refused).toEqual([]);
    for (const { habit, id, secret } of holders) {
      const isAlive = habit.untilWeek === WEEKS;
      expect([habit.name, (await verify(secret)).outcome]).toEqual([habit.name, isAlive ? 'VALID' : 'KEY_EXPIRED']);
      if (isAlive) continue;
      const events = await gateway.prisma.event.findMany({ where: { keyId: id }, orderBy: { position: 'asc' } });
      const types = events.map(({ type }) => type);
      expect(types.filter((type) => type === 'KEY_EXPIRING').length).toBeGreaterThan(2);
      expect(types.indexOf('KEY_DORMANCY_WARNED')).toBeLessThan(types.indexOf('KEY_HELD'));
      expect(types.at(-1)).toBe('KEY_EXPIRED');
      const { data } = await gateway.ask(EXPLAIN, { id }, await gateway.admin());
      const { state, explanation } = data['key'];
      const code = habit.name === 'never used' ? 'NEVER_USED' : 'UNUSED';
      expect([state, events.at(-1)?.data]).toMatchObject(['EXPIRED', { code }]);
      const counting = explanation.verdicts.filter(({ counts }: { counts: boolean }) => counts);
      expect(counting.map(({ binding }: any) => binding.policy).sort()).toEqual([
        'bounded-lifetime',
        'renewal-window',
        'unused-expires',
      ]);
    }
    expect((await verify(stolen.secret)).outcome).not.toBe('VALID');
  },
);

/** Tries a 90-day expiry for every key: the preview shows who would be affected, then it is announced and withdrawn. */
async function tryBlanketExpiry(gateway: Gateway): Promise<void> {
  const admin = await gateway.admin();
  const input = { realm: 'default', policy: 'bounded-lifetime', config: { capEveryKey: 'P90D' } };
  const { data, errors } = await gateway.ask(PREVIEW, { input }, admin);
  expect(errors).toBeUndefined();
  const { keyCount, nearerCount, withoutAutomationCount, byOwner, changes } = data['previewPolicy'];
  expect([keyCount, nearerCount, withoutAutomationCount]).toEqual([65, 65, 65]);
  expect(byOwner).toEqual([
    { owner: { name: 'Sixty' }, nearerCount: 60 },
    { owner: { name: 'olga' }, nearerCount: 5 },
  ]);
  expect(changes.edges[0].node).toMatchObject({ isNearer: true });
  const stops = async () => {
    const keys = await gateway.prisma.key.findMany({ orderBy: { id: 'asc' }, select: { stopsAt: true } });
    return keys.map(({ stopsAt }) => stopsAt?.getTime() ?? Infinity);
  };
  const before = await stops();
  const effectiveAt = new Date(gateway.clock.now().getTime() + 60 * DAY_MS).toISOString();
  const bound = await gateway.ask(BIND, { input: { ...input, effectiveAt, reason: 'Security says so.' } }, admin);
  await gateway.travel(1_000);
  const announced = await stops();
  expect(announced.filter((stopsAt, index) => stopsAt < before[index]!)).toEqual([]);
  const bindingId = bound.data['bindPolicy'].binding.id;
  const withdrawn = await gateway.ask(UNBIND, { input: { bindingId, reason: 'We have asked them.' } }, admin);
  expect(withdrawn.data['unbindPolicy'].__typename).toBe('UnbindPolicySuccess');
}
