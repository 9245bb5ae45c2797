import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH } from '../support/town.ts';

const USAGE = /* GraphQL */ `
  query ($id: ID!, $from: DateTime, $to: DateTime) {
    key(id: $id) {
      usage(from: $from, to: $to) {
        consumers {
          name
          firstUsedAt
          lastUsedAt
          count
          generation
        }
        days {
          day
          outcome
          count
        }
      }
    }
  }
`;

const REALM = /* GraphQL */ `
  query ($from: DateTime) {
    realm(slug: "default") {
      usage(from: $from) {
        day
        outcome
        count
      }
    }
  }
`;

test('usage: who uses a key and how often it was refused, for those who may see the key; a realm’s, for administrators', async () => {
  const town = await openTown();
  const { gateway, olga } = town;
  const verifier = (await town.issue(town.admin.token, { scopes: [{ action: 'keytide:verify', resource: '**' }] }))
    .secret;
  const { id, secret } = await town.issue(olga.token);
  const verify = async (text: string, resource: string, consumer?: string) => {
    const input = { secret: text, action: PUSH.action, resource, consumer };
    return (await gateway.ask(VERIFY_KEY, { input }, verifier)).data['verifyKey'].outcome;
  };
  gateway.clock.advance(DAY_MS - (gateway.clock.now().getTime() % DAY_MS));
  const [first, day] = [gateway.clock.now(), gateway.clock.now().toISOString().slice(0, 10)];
  for (const consumer of ['ci', 'ci', undefined]) expect(await verify(secret, 'Acme.Core', consumer)).toBe('VALID');
  expect(await verify(secret, 'Other', 'ci')).toBe('SCOPE_MISSING');
  await gateway.travel(DAY_MS);
  const session = await gateway.session(olga.id);
  const rotated = await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'PT0S' } }, session);
  const second = gateway.clock.now();
  expect(await verify(rotated.data['rotateKey'].secret, 'Acme.Core', 'ci')).toBe('VALID');
  expect(await verify(secret, 'Acme.Core', 'laptop')).toBe('SECRET_RETIRED');
  await gateway.services.uses.flush();

  const { data } = await gateway.ask(USAGE, { id }, session);
  const at = (moment: Date) => moment.toISOString();
  const next = at(second).slice(0, 10);
  expect(data['key'].usage).toEqual({
    consumers: [
      { name: 'ci', firstUsedAt: at(second), lastUsedAt: at(second), count: 1, generation: 2 },
      { name: '', firstUsedAt: at(first), lastUsedAt: at(first), count: 1, generation: 1 },
      { name: 'ci', firstUsedAt: at(first), lastUsedAt: at(first), count: 2, generation: 1 },
    ],
    days: [
      { day, outcome: 'SCOPE_MISSING', count: 1 },
      { day, outcome: 'VALID', count: 3 },
      { day: next, outcome: 'SECRET_RETIRED', count: 1 },
      { day: next, outcome: 'VALID', count: 1 },
    ],
  });
  // A period is of whole days, and both its ends belong to it.
  const later = await gateway.ask(USAGE, { id, from: at(second), to: at(second) }, session);
  expect(later.data['key'].usage.days.map((one: { day: string }) => one.day)).toEqual([next, next]);
  expect(later.data['key'].usage.consumers).toMatchObject([{ generation: 2 }]);
  for (const from of [new Date(second.getTime() - 500 * DAY_MS), new Date(second.getTime() + 2 * DAY_MS)]) {
    const { errors } = await gateway.ask(USAGE, { id, from: at(from) }, session);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }

  // A caller who may not see the key gets nothing of it. Only administrators get the usage of the realm.
  expect((await gateway.ask(USAGE, { id }, await gateway.session(town.mia.id))).data['key']).toBeNull();
  expect((await gateway.ask(REALM, {}, session)).data['realm'].usage).toBeNull();
  expect((await gateway.ask(REALM, {}, rotated.data['rotateKey'].secret)).data['realm'].usage).toBeNull();
  const realm = (await gateway.ask(REALM, {}, await gateway.admin())).data['realm'].usage;
  expect(realm).toContainEqual({ day, outcome: 'SCOPE_MISSING', count: 1 });
  // The verifier's own requests are uses of its key.
  expect(realm).toContainEqual({ day, outcome: 'VALID', count: 3 + 4 });
});

const CADENCE = /* GraphQL */ `
  query ($id: ID!) {
    key(id: $id) {
      cadence {
        interval
        spread
        nextUseFrom
        nextUseTo
        confidence
        intervalCount
      }
    }
  }
`;

test('usage: the cadence of a key follows from the days on which it was used, and is null before it shows', async () => {
  const { gateway, olga, issue } = await openTown();
  const { id, secret } = await issue(olga.token, { labels: [] });
  const useOn = async (day: string) => {
    await gateway.travel(Date.parse(`${day}T12:00:00Z`) - gateway.clock.now().getTime());
    await gateway.ask(VERIFY_KEY, { input: { secret } }, await gateway.admin());
    await gateway.services.uses.flush();
  };
  const cadence = async () =>
    (await gateway.ask(CADENCE, { id }, await gateway.session(olga.id))).data['key'].cadence as unknown;
  await useOn('2027-01-04');
  await useOn('2027-01-06');
  await useOn('2027-04-05');
  expect(await cadence()).toBeNull();
  await useOn('2027-07-05');
  expect(await cadence()).toEqual({
    interval: 'P91D',
    spread: 'PT0S',
    nextUseFrom: '2027-09-16T00:00:00.000Z',
    nextUseTo: '2027-10-23T00:00:00.000Z',
    confidence: 'WEAK',
    intervalCount: 2,
  });
  await useOn('2027-10-14');
  expect(await cadence()).toMatchObject({ interval: 'P91D', spread: 'P10D', confidence: 'STRONG', intervalCount: 3 });
});
