import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import type { Gateway } from '../support/gateway.ts';
import { breakConsumer } from '../support/break-consumer.ts';
import { issue } from '../support/issue.ts';
import { makeManyKeys } from '../support/many-keys.ts';
import { changeKey, ROTATE_KEY } from '../support/operations.ts';

/** Everything that waits for a person, of each kind one. */
async function makeWork(gateway: Gateway): Promise<{ readonly idOf: (name: string) => string }> {
  const { prisma, clock, services } = gateway;
  const admin = await gateway.admin();
  const now = clock.now();
  const realm = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const ids = new Map<string, string>();
  for (const [name, lifetime] of [
    ['nightly build', 'P20D'],
    ['docs upload', 'P200D'],
    ['metrics push', 'P300D'],
    ['pasted in a gist', 'P300D'],
    ['old importer', 'P300D'],
  ] as const) {
    ids.set(name, (await issue(gateway, admin, { name, lifetime })).id);
  }
  const idOf = (name: string) => ids.get(name)!;
  const hold = (name: string, reason: string) =>
    gateway.ask(changeKey('holdKey'), { input: { keyId: idOf(name), reason } }, admin);
  await hold('docs upload', 'The runner is rebuilt.');
  await hold('pasted in a gist', 'A secret was found at https://gist.example/1.');
  const { id: secretId } = await prisma.secret.findFirstOrThrow({ where: { keyId: idOf('pasted in a gist') } });
  const account = await prisma.account.findFirstOrThrow();
  await prisma.leak.create({
    data: { secretId, ownerId: account.id, reportedBy: 'github', reportedAt: now, outcome: 'HELD' },
  });
  await gateway.ask(ROTATE_KEY, { input: { keyId: idOf('metrics push') } }, admin);
  await prisma.key.update({ where: { id: idOf('metrics push') }, data: { rotationExtended: true } });
  await prisma.key.update({ where: { id: idOf('old importer') }, data: { standing: 'WARNED' } });
  const { stopsAt } = await prisma.key.findUniqueOrThrow({ where: { id: idOf('old importer') } });
  const nextUse = { nextUseFrom: addMs(stopsAt!, 20 * DAY_MS), nextUseTo: addMs(stopsAt!, 60 * DAY_MS) };
  await prisma.notice.create({
    data: { keyId: idOf('old importer'), stopsAt: stopsAt!, thresholdMs: 1n, givenAt: now, ...nextUse },
  });
  const lastDay = Math.floor(now.getTime() / DAY_MS);
  const days = [1080, 720, 360, 0].map((before) => lastDay - before);
  await prisma.useDays.create({ data: { keyId: idOf('old importer'), days } });
  await breakConsumer(gateway, { keyId: idOf('metrics push'), consumer: 'metrics-cron' });
  const binding = await prisma.binding.findFirstOrThrow({ where: { realmId: realm.id } });
  const fault = { kind: 'THROWS', message: 'x is undefined', keyCount: 1 };
  await prisma.binding.update({
    where: { id: binding.id },
    data: { health: 'BROKEN', fault, brokenAt: addMs(now, -DAY_MS), retryAt: now },
  });
  await prisma.brake.create({
    data: {
      id: newId('brake', now, services.random),
      realmId: realm.id,
      bindingId: binding.id,
      hash: binding.hash,
      revision: 1,
      state: 'ENGAGED',
      engagedAt: addMs(now, -DAY_MS),
    },
  });
  const created = await gateway.ask(
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }',
    { input: { owner: account.id, url: 'https://hooks.example:1/' } },
    admin,
  );
  await prisma.webhook.update({
    where: { id: created.data['createWebhook'].webhook.id },
    data: { state: 'PAUSED', reason: 'The receiver answered 500 for three days.' },
  });
  await services.follower.catchUp();
  return { idOf };
}

const STOPPING = 'Stop within 30 days, and nothing renews them';
const GROUPS = [
  'Leaked keys',
  'Consumers broken in the last 7 days',
  'Engaged brakes',
  'Broken policies',
  'Failed deliveries',
  STOPPING,
  'Stop before their next use',
  'Rotations that stall',
  'Held keys',
  'Dormant keys',
];

// The node mends nothing meanwhile.
const untouched = { isClockTrusted: () => false };

test('console home: what waits for a person is listed with the one thing to do, and goes when it is done', async () => {
  const { gateway, open } = await openConsoleWorld(untouched);
  await makeWork(gateway);
  const { page, faults } = await open('/');
  await page.getByRole('region', { name: 'Dormant keys', exact: true }).waitFor();
  const titles = await page.getByRole('main').getByRole('heading', { level: 2 }).allInnerTexts();
  expect(titles.filter((title) => /\d$/.test(title)).map((title) => title.replace(/\s*\d+$/, ''))).toEqual(GROUPS);
  await page
    .getByRole('region', { name: 'Stop before their next use', exact: true })
    .getByText('next used likely from')
    .waitFor();
  const broken = page.getByRole('region', { name: GROUPS[1]!, exact: true });
  await broken.getByText('because its secret retired').waitFor();
  expect(await broken.getByRole('link', { name: 'Open metrics-cron with metrics push', exact: true }).count()).toBe(1);
  const held = page.getByRole('region', { name: 'Held keys', exact: true });
  await held.getByText('The runner is rebuilt.').waitFor();
  await held.getByRole('link', { name: 'Resume docs upload', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Resume the key docs upload', exact: true });
  await dialog.getByRole('button', { name: 'Resume', exact: true }).press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  expect(new URL(page.url()).search).toBe('');
  await page.getByRole('link', { name: 'Keytide', exact: true }).click();
  const stopping = page.getByRole('region', { name: STOPPING, exact: true });
  await stopping.waitFor();
  await held.waitFor({ state: 'detached' });
  await stopping.getByRole('link', { name: 'Renew nightly build', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click();
  expect(faults).toEqual([]);

  // Only an administrator decides about a brake.
  await gateway.person('pia');
  const credentials = { email: 'pia@example.com', password: 'the password of pia' };
  const { page: ofPia } = await open('/', { credentials });
  const brakes = ofPia.getByRole('region', { name: 'Engaged brakes', exact: true });
  await brakes.getByRole('link', { name: /^See why / }).waitFor();
});

test('console home: with nothing to do it says so; what another window holds appears', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/');
  await page.getByRole('heading', { name: 'There is no key yet', exact: true }).waitFor();
  const admin = await gateway.admin();
  const { id } = await issue(gateway, admin, { name: 'nightly build', lifetime: 'P200D' });
  await page.getByRole('heading', { name: 'Nothing needs you now', exact: true }).waitFor();
  await gateway.ask(changeKey('holdKey'), { input: { keyId: id, reason: 'Under review.' } }, admin);
  await page.getByRole('region', { name: 'Held keys', exact: true }).getByText('Under review.').waitFor();
  expect(faults).toEqual([]);
});

test('console home: where every key has ended it says so, and leads to a key that can be rescued', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issue(gateway, await gateway.admin(), { name: 'nightly build', lifetime: 'P1D' });
  await gateway.travel(2 * DAY_MS);
  const { page, faults } = await open('/');
  await page.getByRole('heading', { name: 'No key works now', exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Keys that have ended', exact: true }).press('Enter');
  await page.getByRole('link', { name: 'nightly build', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Rescue', exact: true }).waitFor();
  await page.getByRole('term').getByText('Stopped', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console home: of many only the first are shown, and a link leads to all', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { prisma, clock, services } = gateway;
  const realm = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const account = await prisma.account.findFirstOrThrow();
  const stopsAt = addMs(clock.now(), 9 * DAY_MS);
  const ends = { expiresAt: stopsAt, chosenExpiresAt: stopsAt, stopsAt, stopsBasis: 'HARD' as const };
  const keys = Array.from({ length: 30 }, (_, index) => ({
    name: `key ${String(index)}`,
    accountId: account.id,
    ...ends,
  }));
  await makeManyKeys(services, realm.id, [...keys, { ...keys[0]!, isSelfRenewing: true }]);
  const { page } = await open('/');
  const stopping = page.getByRole('region', { name: STOPPING, exact: true });
  await stopping.waitFor();
  expect(await stopping.getByRole('listitem').count()).toBe(4);
  await stopping.getByRole('link', { name: /^All 30/ }).click();
  await page.getByText('30 keys', { exact: true }).waitFor();
});

test('console frame: in a narrow window the links are a menu, which Escape and a navigation close', async () => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/', { width: 320 });
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  const keys = page.getByRole('navigation').getByRole('link', { name: 'Keys', exact: true });
  await menu.waitFor();
  expect(await keys.isVisible()).toBe(false);
  await menu.press('Enter');
  await keys.waitFor();
  await keys.press('Escape');
  await keys.waitFor({ state: 'hidden' });
  expect(await menu.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
  await menu.click();
  await expectAccessible(page);
  await keepPicture(page, 'menu-light-320');
  await keys.click();
  await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  expect(await keys.isVisible()).toBe(false);
  expect(faults).toEqual([]);
});

test.each(forms)('console home: it is accessible (%s, %i px)', async (theme, width) => {
  const { gateway, open } = await openConsoleWorld(untouched);
  await makeWork(gateway);
  const { page, faults } = await open('/', { theme, width });
  await page.getByRole('region', { name: 'Dormant keys', exact: true }).waitFor();
  await page.getByRole('list', { name: 'Owners', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `home-${theme}-${String(width)}`);
  await page.getByRole('region', { name: 'Dormant keys', exact: true }).scrollIntoViewIfNeeded();
  await keepPicture(page, `home-work-${theme}-${String(width)}`);
  expect(faults).toEqual([]);
});
