import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openConsoleWorld, openWindow } from '../support/browser.ts';
import { openConsoleGateway } from '../support/console-world.ts';
import { issue } from '../support/issue.ts';
import { changeKey } from '../support/operations.ts';
import { openRelay } from '../support/relay.ts';

test('console live: after a restart of the gateway an open page continues where it was, and misses nothing', async () => {
  const relay = await openRelay();
  const first = await openConsoleGateway({ publicUrl: () => relay.url });
  relay.leadTo(first);
  const { id } = await issue(first, await first.admin(), { name: 'nightly build' });
  const { page } = await openWindow({ ...first, url: relay.url }, '/keys');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('row').filter({ hasText: 'nightly build' }).getByText('Active', { exact: true }).waitFor();
  await first.stop();
  await page.getByText('Reconnecting…', { exact: true }).waitFor();
  const { database, clock } = first;
  const second = await openConsoleGateway({ publicUrl: () => relay.url, database, clock });
  await second.ask(changeKey('holdKey'), { input: { keyId: id, reason: 'While it was away.' } }, await second.admin());
  relay.leadTo(second);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('row').filter({ hasText: 'nightly build' }).getByText('Held', { exact: true }).waitFor();
});

test('console live: of two windows each shows at once what the other does', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
  const [list, key] = [await open('/keys'), await open(`/keys/${id}`)];
  await list.page.getByText('Live', { exact: true }).waitFor();
  await key.page.getByText('Live', { exact: true }).waitFor();
  await key.page.getByRole('button', { name: 'Hold', exact: true }).click();
  await key.page.getByRole('textbox', { name: 'Why', exact: true }).fill('Under review.');
  await key.page.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click();
  const row = list.page.getByRole('row').filter({ hasText: 'nightly build' });
  await row.getByText('Held', { exact: true }).waitFor();
  await gateway.ask(changeKey('resumeKey'), { input: { keyId: id } }, await gateway.admin());
  await row.getByText('Active', { exact: true }).waitFor();
  await key.page.getByText('Active', { exact: true }).waitFor();
  await key.page.getByText('Resumed', { exact: true }).waitFor();
  expect([...list.faults, ...key.faults]).toEqual([]);
});

/** Replaces each message that the gateway sends over a socket of a page by others. */
async function changeMessages(page: Page, change: (message: any) => readonly object[]): Promise<void> {
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      for (const message of change(JSON.parse(text.toString()))) socket.send(JSON.stringify(message));
    });
  });
}

/** Opens the list of keys with one key. Each event arrives as the messages that `change` makes of it. */
async function openChangedList(change: (message: any) => readonly object[]) {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const { id } = await issue(gateway, admin, { name: 'nightly build' });
  await gateway.services.follower.catchUp();
  const { another } = await open('/sign-in');
  const page = await another();
  await changeMessages(page, (message) => (message.type === 'next' ? change(message) : [message]));
  await page.goto('/keys');
  await page.getByText('Live', { exact: true }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'nightly build' });
  await row.getByText('Active', { exact: true }).waitFor();
  const hold = (reason: string) => gateway.ask(changeKey('holdKey'), { input: { keyId: id, reason } }, admin);
  return { gateway, admin, page, row, hold };
}

const failure = { message: 'The database is not available.', extensions: { code: 'UNAVAILABLE' } };

test.each([
  ['without data', () => ({ data: null, errors: [failure] })],
  ['without its key', ({ data }: any) => ({ data: { events: { ...data.events, key: null } }, errors: [failure] })],
])('console live: after an event that arrives %s the page reads again', async (_name, change) => {
  const { row, hold } = await openChangedList((message) => [{ ...message, payload: change(message.payload) }]);
  await hold('Under review.');
  await row.getByText('Held', { exact: true }).waitFor();
});

test('console live: what happens before the page has a new cursor is not missed', async () => {
  const expired = { message: 'The events are no longer there.', extensions: { code: 'CURSOR_EXPIRED' } };
  let isExpired = false;
  const { gateway, admin, page, row, hold } = await openChangedList((message) => {
    if (isExpired) return [message];
    isExpired = true;
    return [
      { ...message, payload: { data: null, errors: [expired] } },
      { id: message.id, type: 'complete' },
    ];
  });
  let held: Promise<unknown> | undefined;
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('query EndOfLog') !== true) return route.continue();
    await (held ??= hold('Before the new cursor.').then(() => gateway.services.follower.catchUp()));
    await route.continue();
  });
  await issue(gateway, admin, { name: 'another' });
  await row.getByText('Held', { exact: true }).waitFor();
});
