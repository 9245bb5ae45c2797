import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, keepPicture, openConsoleWorld, openWindow } from '../support/browser.ts';
import { allowSites, openBackend, openCustomerSite } from '../support/customer-site.ts';
import { openConsoleGateway } from '../support/console-world.ts';
import { issue } from '../support/issue.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Clicks a button of the open dialog. */
const answer = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

const shownText = async (page: Page, what: 'Secret' | 'Link') =>
  (await page.getByRole('group', { name: what, exact: true }).innerText()).trim();

/** Loses the next response to a mutation on its way. Returns what the response had, once it was lost. */
async function loseAnswer(page: Page, mutation: string): Promise<() => Promise<any>> {
  const lost = Promise.withResolvers<any>();
  let isLost = false;
  await page.route('**/graphql', async (route) => {
    if (isLost || route.request().postData()?.includes(`mutation ${mutation}`) !== true) return route.fallback();
    isLost = true;
    const response = await route.fetch();
    lost.resolve((await response.json()).data);
    await route.abort();
  });
  return () => lost.promise;
}

const unknownOutcome = 'The gateway did not answer, so this may be done or not. Try again: it is not done twice.';

async function fillNewKey(page: Page) {
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly build');
  await page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.*');
  await press(page, 'Continue');
}

test('console shown once: a new secret stays when the session ends, until the person confirms that it is stored', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
  const { page, another, faults } = await open(`/keys/${id}`, { width: 320, theme: 'dark' });
  await page.getByText('Connecting…', { exact: true }).waitFor({ state: 'hidden' });
  await press(page, 'Rotate');
  await answer(page, 'Rotate');
  const secret = await shownText(page, 'Secret');
  const second = await another();
  await second.goto('/');
  await second.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('alert').getByText('The secret stays here until you have it.').waitFor();
  expect(await shownText(page, 'Secret')).toBe(secret);
  // The rest of the session is gone.
  expect(await page.getByText('nightly build').count()).toBe(0);
  await expectAccessible(page);
  await keepPicture(page, 'secret-after-the-session');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'I have stored it', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  expect(faults).toEqual([]);
});

test('console shown once: the secret of a new key stays when the person goes back, and when the connection is lost', async () => {
  const { open } = await openConsoleWorld();
  const { page, context } = await open('/keys');
  await page.getByRole('link', { name: 'Issue a key', exact: true }).first().click();
  await fillNewKey(page);
  await press(page, 'Issue the key');
  const secret = await shownText(page, 'Secret');
  await context.setOffline(true);
  await page.goBack();
  await page.getByRole('heading', { name: 'Keys', exact: true, includeHidden: true }).waitFor({ state: 'attached' });
  expect(await shownText(page, 'Secret')).toBe(secret);
  await context.setOffline(false);
  await press(page, 'I have stored it');
  await page.getByRole('heading', { name: 'nightly build', exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
});

test('my keys: a new secret stays when the session of the customer ends', async () => {
  const gateway = await openConsoleGateway();
  const backend = await openBackend(gateway, ['Ada']);
  const site = await openCustomerSite(gateway, backend, 'Ada', {});
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  await allowSites(gateway, [site.origin, gateway.url], scopes);
  await issue(gateway, backend, { ownerOf: { subject: { externalId: 'Ada' } }, name: 'nightly build', scopes });
  const { page } = await openWindow(gateway, site.origin, { credentials: null });
  await press(page, 'nightly build');
  await press(page, 'Rotate');
  await answer(page, 'Rotate');
  const secret = await shownText(page, 'Secret');
  const end = mutationQuery('endPortalSessions', '__typename');
  await gateway.ask(end, { input: { realm: 'default', externalId: 'Ada' } }, backend);
  await page.getByRole('alert').getByText('The secret stays here until you have it.').waitFor();
  expect(await shownText(page, 'Secret')).toBe(secret);
  expect(await page.getByText('nightly build').count()).toBe(0);
  await press(page, 'I have stored it');
  await page.getByRole('status').getByText('Your session was ended. Sign in again to see your keys.').waitFor();
});

test('console shown once: a rotation whose answer is lost is sent again; a secret that is used by then is not shown, and the page says what to do', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
  const { page } = await open(`/keys/${id}`);
  const lost = await loseAnswer(page, 'RotateOnPage');
  await press(page, 'Rotate');
  await answer(page, 'Rotate');
  const { secret } = (await lost()).rotateKey;
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  await gateway.services.uses.flush();
  await answer(page, 'Rotate');
  const dialog = page.getByRole('dialog', { name: 'The secret can no longer be shown', exact: true });
  await dialog.getByText('undo the rotation, and rotate again: the old secret still works.').waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'lost-secret');
  await answer(page, 'Close');
  expect(await gateway.prisma.secret.count({ where: { keyId: id } })).toBe(2);
});

test('console shown once: a new key whose answer is lost is issued once, and shown after the second try', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/keys/new');
  await fillNewKey(page);
  const lost = await loseAnswer(page, 'IssueOnPage');
  await press(page, 'Issue the key');
  const { secret, key } = (await lost()).issueKey;
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  await press(page, 'Issue the key');
  expect(await shownText(page, 'Secret')).toBe(secret);
  expect(await gateway.prisma.key.findMany({ select: { id: true } })).toEqual([{ id: key.id }]);
  await press(page, 'I have stored it');

  // A key that is used before the second try.
  await page.goto('/keys/new');
  await fillNewKey(page);
  const lostToo = await loseAnswer(page, 'IssueOnPage');
  await press(page, 'Issue the key');
  const other = (await lostToo()).issueKey;
  const input = { secret: other.secret, action: 'package:push', resource: 'Acme.Core' };
  await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  await gateway.services.uses.flush();
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  await press(page, 'Issue the key');
  await page.getByRole('dialog').getByText('rotate the key on its page: it gets another secret.').waitFor();
  await answer(page, 'Close');
  await page.getByRole('button', { name: 'Rotate', exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/keys/${other.key.id}`);
});

test('console shown once: an invitation whose answer is lost is made once; after it was accepted its link is not shown', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/people');
  await press(page, 'Invite a person');
  await page.getByRole('textbox', { name: 'Email', exact: true }).fill('nia@example.com');
  const lost = await loseAnswer(page, 'InviteOnPage');
  await press(page, 'Invite');
  const { token } = (await lost()).inviteAccount;
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  await press(page, 'Invite');
  expect(await shownText(page, 'Link')).toBe(`${gateway.url}/invitation#${token}`);
  await press(page, 'I have the link');
  expect(await gateway.prisma.invitation.count()).toBe(1);

  await press(page, 'Invite a person');
  await page.getByRole('textbox', { name: 'Email', exact: true }).fill('mia@example.com');
  const lostToo = await loseAnswer(page, 'InviteOnPage');
  await press(page, 'Invite');
  const accepted = { token: (await lostToo()).inviteAccount.token, name: 'mia', password: 'the password of mia' };
  await gateway.ask(mutationQuery('acceptInvitation', '__typename'), { input: accepted });
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  await press(page, 'Invite');
  await page.getByRole('dialog').getByText('take the invitation back on the page People, and invite again.').waitFor();
});

test('console shown once: a webhook whose answer is lost is made once; after it has ended its secret is not shown', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/webhooks/new');
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill('https://hooks.example:1/');
  const lost = await loseAnswer(page, 'CreateWebhookOnPage');
  await press(page, 'Make the webhook');
  const { webhook } = (await lost()).createWebhook;
  await page.getByRole('alert').getByText(unknownOutcome, { exact: true }).waitFor();
  const end = mutationQuery('deleteWebhook', '__typename');
  await gateway.ask(end, { input: { webhookId: webhook.id } }, await gateway.admin());
  await press(page, 'Make the webhook');
  await page.getByRole('dialog', { name: 'The secret can no longer be shown', exact: true }).waitFor();
  await answer(page, 'Close');
  await page.getByText('Ended', { exact: true }).waitFor();
  expect(await gateway.prisma.webhook.count()).toBe(1);
});
