import { expect, test } from 'vitest';
import { FindingCounts, type ShortenedKey } from '../../src/bindings/count-findings.ts';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { openBindingWorld, type BindingWorld } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

const unused = (idle: string) => ({ realm: 'default', policy: 'active-never-expires', config: { idle } });

test('findings: keys that would stop before their next use are named, and keys of a shorter rhythm are not', async () => {
  const world = await openBindingWorld();
  const [seldom, often, once] = [await world.issue(), await world.issue(), await world.issue()];
  await world.verify(once.secret);
  // One is used each 40 days, the other each 10 days.
  for (let day = 0; day <= 120; day += 10) {
    if (day % 40 === 0) await world.verify(seldom.secret);
    await world.verify(often.secret);
    await world.travel(10 * DAY_MS);
  }
  const { findings } = await previewPolicy(world, world.admin, unused('P39D'));
  expect(findings[0]).toMatchObject({ code: 'BELOW_CADENCE', severity: 'ERROR', keyCount: 1, keyIds: [seldom.keyId] });
  expect(findings[0]!.message).toContain('1 key would stop before it is usually used again');
  const { findings: none } = await previewPolicy(world, world.admin, unused('P40D'));
  expect(none.map(({ code }) => code)).not.toContain('BELOW_CADENCE');
});

test('findings: owners are left out whose keys a program renews, or whose CI exchanges tokens', async () => {
  const world = await openBindingWorld();
  const { admin, owner, stranger, heir } = world;
  const { secret } = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  success(await renewKey(world, await world.callerOf(secret), { ask: null, accept: ['EXTEND'] }));
  await world.issue({}, stranger);
  const left = await world.issue({}, heir);
  await makeRule(world, stranger.id);
  const of = async () => {
    const { findings } = await previewPolicy(world, admin, unused('P100D'));
    return findings.find(({ code }) => code === 'WITHOUT_AUTOMATION');
  };
  expect(await of()).toMatchObject({ keyCount: 1, ownerCount: 1, ownerIds: [heir.id], keyIds: [left.keyId] });
  // A rule that was removed issues no more keys.
  await world.prisma.tokenRule.updateMany({ data: { removedAt: world.clock.now() } });
  expect(await of()).toMatchObject({ keyCount: 2, ownerCount: 2 });
  expect((await of())!.ownerIds).not.toContain(owner.id);
});

test('findings: many stops of an owner on one day, and stops on weekends, are found', async () => {
  const world = await openBindingWorld();
  // The clock stands on a Monday: 61 days later is a Saturday.
  expect(world.clock.now().getUTCDay()).toBe(1);
  await world.issueMany(5);
  await world.issue({}, world.stranger);
  const { findings } = await previewPolicy(world, world.admin, unused('P61D'));
  const found = Object.fromEntries(findings.map((finding) => [finding.code, finding]));
  expect(found['SAME_DAY']).toMatchObject({ keyCount: 5, ownerCount: 1, ownerIds: [world.owner.id] });
  expect(found['SAME_DAY']!.message).toContain('5 keys of one owner on 2027-01-23');
  expect(found['WEEKEND']).toMatchObject({ severity: 'INFO', keyCount: 6, ownerCount: 2 });
  const { findings: weekday } = await previewPolicy(world, world.admin, unused('P60D'));
  expect(weekday.map(({ code }) => code)).toEqual(['WITHOUT_AUTOMATION', 'SAME_DAY']);
});

test('findings: a draft that shortens nothing has none', async () => {
  const world = await openBindingWorld();
  await world.issueMany(6);
  expect((await previewPolicy(world, world.admin, unused('P3650D'))).findings).toEqual([]);
});

test('findings: the keys that stop first and the owners with the most keys are named, at most 5', () => {
  const counts = new FindingCounts(new Set());
  for (let number = 0; number < 60; number += 1) {
    const ownerId = `account_${String(Math.floor(Math.sqrt(number)))}`;
    counts.add({ ...plain, keyId: `key_${String(number)}`, ownerId, at: new Date((100 - number) * DAY_MS) });
  }
  const [finding] = counts.list();
  expect(finding).toMatchObject({ code: 'WITHOUT_AUTOMATION', keyCount: 60, ownerCount: 8 });
  expect(finding!.keyIds).toEqual(['key_59', 'key_58', 'key_57', 'key_56', 'key_55']);
  expect(finding!.ownerIds).toEqual(['account_6', 'account_5', 'account_7', 'account_4', 'account_3']);
});

test('findings: a HARD stop is compared with the day of the next use', () => {
  const days = [0, 30, 60, 90];
  const codes = (at: number) => {
    const counts = new FindingCounts(new Set());
    counts.add({ ...plain, days, basis: 'HARD', at: new Date(at * DAY_MS) });
    return counts.list().map(({ code }) => code);
  };
  expect(codes(119)).toContain('BELOW_CADENCE');
  expect(codes(120)).not.toContain('BELOW_CADENCE');
});

const plain: ShortenedKey = {
  keyId: 'key_0',
  ownerId: 'account_0',
  at: new Date(0),
  basis: 'BY_USE',
  raw: () => new Date(0),
  activeAt: new Date(0),
  isSelfRenewing: false,
  days: [],
};

/** A rule by which the jobs of an account get keys. */
async function makeRule({ prisma, clock, random, realmId }: BindingWorld, accountId: string) {
  const at = clock.now();
  const times = { createdAt: at, changedAt: at };
  const issuer = { realmId, name: 'jobs', url: 'https://jobs.example', audience: 'keytide', ...times };
  const issuerId = newId('issuer', at, random);
  await prisma.trustedIssuer.create({ data: { id: issuerId, ...issuer } });
  const rule = {
    issuerId,
    name: 'builds',
    conditions: [],
    scopes: [],
    labels: [],
    claimLabels: [],
    accountId,
    ...times,
  };
  await prisma.tokenRule.create({ data: { id: newId('rule', at, random), ...rule } });
}
