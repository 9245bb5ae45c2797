import { expect, test } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld, openWindow } from '../support/browser.ts';
import { openConsoleGateway } from '../support/console-world.ts';
import type { Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { changeKey } from '../support/operations.ts';
import { openRelay } from '../support/relay.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

/** Issues a key, and returns how to change it, which records an event. */
async function openKey(gateway: Gateway, name = 'nightly build') {
  const { id } = await issue(gateway, await gateway.admin(), { name });
  const run = async (mutation: 'holdKey' | 'resumeKey', input: object) =>
    gateway.ask(changeKey(mutation), { input: { keyId: id, ...input } }, await gateway.admin());
  return { id, hold: (reason: string) => run('holdKey', { reason }), resume: () => run('resumeKey', {}) };
}

/** Records events with the numbers of a range as their reasons. */
async function recordNumbers({ services }: Gateway, first: number, last: number): Promise<void> {
  const at = services.clock.now();
  const numbers = Array.from({ length: last + 1 - first }, (_, index) => first + index);
  await change(services, async ({ record }) =>
    record(
      ...numbers.map((number) =>
        untypedDraft({ type: 'KEY_UPDATED', at, actor: systemActor, reason: `no. ${String(number)}` }),
      ),
    ),
  );
  await services.follower.catchUp();
}

const LIST = { name: 'Events, the newest first' };

/** Reads the numbers of the events on a page, from the top. */
async function numbersOn(page: Awaited<ReturnType<typeof openWindow>>['page']): Promise<number[]> {
  const texts = await page.getByRole('list', LIST).locator('> li').allTextContents();
  return texts.flatMap((text) => /: no\. (\d+)/.exec(text)?.[1] ?? []).map(Number);
}

test('console events: what happens appears as a sentence with its data; filters are in the address', async () => {
  const { gateway, open } = await openConsoleWorld();
  const key = await openKey(gateway);
  const { page, faults } = await open('/events');
  const rows = page.getByRole('list', LIST).getByRole('listitem');
  await rows.filter({ hasText: 'nightly build was issued by ' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await key.hold('Under review.');
  const held = rows.filter({ hasText: 'nightly build was held by ' });
  await held.getByText('Under review.', { exact: true }).waitFor();
  await held.getByRole('button', { name: 'Data', exact: true }).click();
  await page.getByLabel('Data of the event').getByText('"type": "KEY_HELD"').waitFor();
  await key.resume();
  // The session that resumes is an event too.
  await page.getByText('2 new').waitFor();
  expect(await rows.filter({ hasText: 'was resumed' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await rows.filter({ hasText: 'nightly build was resumed' }).waitFor();
  await page.getByRole('button', { name: 'Only “Key held”', exact: true }).click();
  await expect.poll(() => rows.count()).toBe(1);
  expect(new URL(page.url()).search).toBe('?type=KEY_HELD');
  await page.goBack();
  await rows.filter({ hasText: 'nightly build was resumed' }).waitFor();
  await page.getByText('More filters', { exact: true }).click();
  await page.getByRole('searchbox', { name: 'Key (its id)', exact: true }).fill(key.id);
  await expect.poll(() => rows.count()).toBe(3);
  expect(new URL(page.url()).search).toBe(`?key=${key.id}`);
  await held.getByRole('link', { name: 'nightly build', exact: true }).click();
  await page.getByRole('heading', { name: 'nightly build', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console events: by keyboard a person pauses, sees how many are new, and shows them in their order', async () => {
  const { gateway, open } = await openConsoleWorld();
  await recordNumbers(gateway, 1, 2);
  const { page, faults } = await open('/events');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter');
  for (let number = 3; number <= 14; number += 3) await recordNumbers(gateway, number, number + 2);
  await page.getByText('12 new').waitFor();
  expect(await numbersOn(page)).toEqual([2, 1]);
  await page.getByRole('button', { name: 'Show', exact: true }).press('Enter');
  await expect.poll(() => numbersOn(page)).toEqual(Array.from({ length: 14 }, (_, index) => 14 - index));
  await recordNumbers(gateway, 15, 15);
  await page.getByText('1 new').waitFor();
  await page.getByRole('button', { name: 'Paused', exact: true }).press('Space');
  await expect.poll(async () => (await numbersOn(page))[0]).toBe(15);
  await page.getByRole('combobox', { name: 'What happened', exact: true }).selectOption('Policy broken');
  await page.getByText('No event matches these filters.').waitFor();
  await page.getByRole('button', { name: 'Leave out: Policy broken', exact: true }).press('Enter');
  await expect.poll(async () => (await numbersOn(page))[0]).toBe(15);
  expect(faults).toEqual([]);
});

test('console events: a restart of the gateway leaves no gap in an open page and shows no event twice', async () => {
  const relay = await openRelay();
  const first = await openConsoleGateway({ publicUrl: () => relay.url });
  relay.leadTo(first);
  await recordNumbers(first, 1, 3);
  const { page } = await openWindow({ ...first, url: relay.url }, '/events');
  await page.getByText('Live', { exact: true }).waitFor();
  await recordNumbers(first, 4, 6);
  await expect.poll(() => numbersOn(page)).toEqual([6, 5, 4, 3, 2, 1]);
  const { database, clock } = first;
  await first.stop();
  await page.getByText('Reconnecting…', { exact: true }).waitFor();
  const second = await openConsoleGateway({ publicUrl: () => relay.url, database, clock });
  await recordNumbers(second, 7, 80);
  relay.leadTo(second);
  await page.getByText('Live', { exact: true }).waitFor();
  await recordNumbers(second, 81, 90);
  await expect.poll(() => numbersOn(page)).toEqual(Array.from({ length: 90 }, (_, index) => 90 - index));
});

test('console events: a page holds 1,000 events; the earlier ones are on a page of their own', async () => {
  const { gateway, open } = await openConsoleWorld();
  await recordNumbers(gateway, 1, 60);
  const { page, faults } = await open('/events');
  // Among the first 50 events is the session of the page.
  await expect.poll(async () => (await numbersOn(page)).length).toBe(49);
  await page.getByRole('button', { name: 'Show earlier events', exact: true }).click();
  await expect.poll(async () => (await numbersOn(page)).length).toBe(60);
  await page.getByText('Live', { exact: true }).waitFor();
  for (let number = 61; number <= 1_100; number += 260) await recordNumbers(gateway, number, number + 259);
  // The page has scrolled to its end.
  await page.getByText('1,040 new').waitFor();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  const shown = Array.from({ length: 1_000 }, (_, index) => 1_100 - index);
  await expect.poll(() => numbersOn(page)).toEqual(shown);
  await page.getByRole('link', { name: 'Go on with the earlier ones', exact: true }).click();
  await expect.poll(async () => (await numbersOn(page))[0]).toBe(100);
  await recordNumbers(gateway, 1_101, 1_101);
  expect((await numbersOn(page))[0]).toBe(100);
  await page.getByRole('link', { name: 'Back to the newest', exact: true }).click();
  await expect.poll(async () => (await numbersOn(page))[0]).toBe(1_101);
  expect(faults).toEqual([]);
});

test('console events: if the log cannot continue from where the page was, the page says so and begins again', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { another } = await open('/sign-in');
  const page = await another();
  let isExpired = false;
  await page.route('**/graphql', async (route) => {
    if (isExpired || route.request().postData()?.includes('query LaterEvents') !== true) return route.fallback();
    isExpired = true;
    const error = { message: 'The events are no longer there.', extensions: { code: 'CURSOR_EXPIRED' } };
    await route.fulfill({ json: { data: null, errors: [error] } });
  });
  await recordNumbers(gateway, 1, 2);
  await page.goto('/events');
  await expect.poll(() => numbersOn(page)).toEqual([2, 1]);
  await page.getByText('Live', { exact: true }).waitFor();
  await recordNumbers(gateway, 3, 3);
  await page.getByText('The log could not continue').waitFor();
  await expect.poll(() => numbersOn(page)).toEqual([3, 2, 1]);
});

test('console events: hostile names, reasons and data are text, also in the form of an instant', async () => {
  const { gateway, open } = await openConsoleWorld();
  const hostile = `<img src=x onerror="alert(1)"><script>alert(1)</script>{{7*7}}\u202e2026-99-99"'`;
  const key = await openKey(gateway, hostile);
  await key.hold(hostile);
  const { services } = gateway;
  const data = { consumer: hostile, generation: 1 };
  const draft = { type: 'KEY_FIRST_USED', at: services.clock.now(), keyId: key.id, actor: systemActor, data } as const;
  await change(services, async ({ record }) => record(untypedDraft(draft)));
  const { page, faults } = await open('/events');
  const row = page.getByRole('listitem').filter({ hasText: 'was held' });
  await row.getByText(hostile, { exact: true }).last().waitFor();
  await page.getByText('was used for the first time by').waitFor();
  await row.getByRole('button', { name: 'Data', exact: true }).click();
  await page.getByLabel('Data of the event').waitFor();
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(faults).toEqual([]);
});

test.each(forms)('console events: the log is accessible (%s, %i px)', async (theme, width) => {
  const { gateway, open } = await openConsoleWorld();
  const key = await openKey(gateway);
  await key.hold('The runner is rebuilt.');
  await key.resume();
  const { page, faults } = await open('/events?type=KEY_HELD&type=KEY_RESUMED&type=KEY_ISSUED', { theme, width });
  const row = page.getByRole('listitem').filter({ hasText: 'nightly build was held by ' });
  await row.waitFor();
  await expectAccessible(page);
  await keepPicture(page, `events-${theme}-${width}`);
  await row.getByRole('button', { name: 'Data', exact: true }).click();
  await page.getByLabel('Data of the event').waitFor();
  await key.hold('Again.');
  await page.getByText('1 new').waitFor();
  await expectAccessible(page);
  await keepPicture(page, `events-data-${theme}-${width}`);
  expect(faults).toEqual([]);
});
