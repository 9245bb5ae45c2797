import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { toStoredWarning } from '../../src/domain/verification-warning.ts';
import { writeAnnounced } from '../../src/keys/write-warnings.ts';
import { change as commit } from '../../src/log/change.ts';
import { expectAccessible, forms, keepPicture, openWindow, type WindowOptions } from '../support/browser.ts';
import { allowSites, openBackend, openCustomerSite } from '../support/customer-site.ts';
import { openConsoleGateway } from '../support/console-world.ts';
import { issue } from '../support/issue.ts';
import { changeKey, ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { createPortalSession } from '../support/portal.ts';

const PUSH = { action: 'package:push', resource: 'Acme.*' };
const ownerOf = { subject: { externalId: 'Ada' } };

/** A gateway with the site of one customer, who has a key of the API. */
async function openCustomerWorld(session: object = {}) {
  const gateway = await openConsoleGateway();
  const backend = await openBackend(gateway, ['Ada', 'Bea']);
  const site = await openCustomerSite(gateway, backend, 'Ada', session);
  await allowSites(gateway, [site.origin, gateway.url], [PUSH, { ...PUSH, resource: 'Tools.*' }]);
  const key = await issue(gateway, backend, { ownerOf, name: 'nightly build', scopes: [PUSH], lifetime: 'P40D' });
  const open = (options: WindowOptions = {}) =>
    openWindow(gateway, `${site.origin}/?tab=keys`, { credentials: null, ...options });
  const change = (name: 'holdKey' | 'resumeKey', reason: string) =>
    gateway.ask(changeKey(name), { input: { keyId: key.id, reason } }, backend);
  return { gateway, backend, site, key, open, change };
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Whether a text stands anywhere in the page: in its markup, its address or its storage. */
const isInPage = (page: Page, text: string) =>
  page.evaluate((sought) => {
    const { document, localStorage, sessionStorage, location, history } = globalThis as any;
    const roots = [
      document,
      ...[...document.querySelectorAll('keytide-keys')].map(({ shadowRoot }: any) => shadowRoot),
    ];
    const texts = roots.map((root) => (root.documentElement ?? root).innerHTML);
    const stored = JSON.stringify([localStorage, sessionStorage, document.cookie, location.href, history.state]);
    return [...texts, stored].some((whole) => whole.includes(sought));
  }, text);

test('my keys: on a page with a strict policy a customer issues within the ceiling, by keyboard, and the token is in no place of the page', async () => {
  const { gateway, open } = await openCustomerWorld();
  const { page, faults } = await open();
  await page.getByText('nightly build', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'my-keys');
  // It is light or dark as the page around it, whose variables theme it.
  const groundUnder = (name: string, value: string) =>
    page.evaluate(
      ([property, set]) => {
        const { document, getComputedStyle } = globalThis as any;
        document.documentElement.style.setProperty(property, set);
        return getComputedStyle(document.querySelector('keytide-keys')).backgroundColor as string;
      },
      [name, value],
    );
  expect(await groundUnder('color-scheme', 'light')).toBe('rgb(246, 248, 249)');
  expect(await groundUnder('color-scheme', 'dark')).toBe('rgb(14, 22, 25)');
  expect(await groundUnder('--keytide-ground', 'rgb(1, 2, 3)')).toBe('rgb(1, 2, 3)');
  await page.getByRole('button', { name: 'Issue a key', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('release');
  await page.getByRole('checkbox', { name: 'package:push on Acme.*' }).press('Space');
  const only = page.getByRole('textbox', { name: 'Only on', exact: true });
  await only.fill('Other.*');
  await page.getByText('It must stay within Acme.*.', { exact: true }).waitFor();
  await only.press('Enter');
  await page.getByText('Choose what the key may do, within what is allowed.', { exact: true }).waitFor();
  await only.fill('Acme.Core');
  await expectAccessible(page);
  await keepPicture(page, 'my-keys-issue');
  await only.press('Enter');
  const shown = page.getByRole('dialog', { name: 'The secret of “release”', exact: true });
  const secret = (await shown.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  await page.keyboard.press('Escape');
  expect(await shown.isVisible()).toBe(true);
  await page.getByRole('button', { name: 'I have stored it', exact: true }).press('Enter');
  await shown.waitFor({ state: 'hidden' });
  await expect.poll(() => page.getByRole('listitem').count()).toBe(2);
  expect([await isInPage(page, secret), await isInPage(page, 'ktp_')]).toEqual([false, false]);
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  expect(data['verifyKey'].outcome).toBe('VALID');
  expect(faults).toEqual([]);
});

test('my keys: while the API has not set what keys of customers may do, the page says why it issues none', async () => {
  const gateway = await openConsoleGateway();
  const backend = await openBackend(gateway, ['Ada']);
  const site = await openCustomerSite(gateway, backend, 'Ada');
  await allowSites(gateway, [site.origin], []);
  const { page, faults } = await openWindow(gateway, site.origin, { credentials: null, width: 320 });
  await page.getByText('You cannot issue a key yet', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: 'Issue a key', exact: true }).count()).toBe(0);
  await expectAccessible(page);
  await keepPicture(page, 'my-keys-without-ceiling');
  expect(faults).toEqual([]);
});

test('my keys: a key says when and why it stops; what the API does with it is shown as it happens', async () => {
  const { open, change } = await openCustomerWorld();
  const { page, faults } = await open({ theme: 'dark', width: 320 });
  await press(page, 'nightly build');
  await page.getByRole('heading', { name: 'nightly build', exact: true }).waitFor();
  await page.getByRole('heading', { name: 'When it stops', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'my-key-narrow-dark');
  await change('holdKey', 'The invoice is open.');
  await page.getByRole('heading', { name: /^The key is held/ }).waitFor();
  await page.getByText('The invoice is open.').first().waitFor();
  expect(await page.getByRole('button', { name: 'Resume', exact: true }).count()).toBe(0);
  await change('resumeKey', 'It is paid.');
  await page.getByText('Active', { exact: true }).waitFor();
  await press(page, 'Rotate');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  await press(page, 'I have stored it');
  await page.getByRole('heading', { name: 'Rotation', exact: true }).waitFor();
  // The address is that of the page around the element.
  expect(new URL(page.url()).search).toBe('?tab=keys');
  await press(page, 'All keys');
  await page.getByText('Rotating', { exact: true }).waitFor();
  await expectAccessible(page);
  expect(faults).toEqual([]);
});

test('my keys: an announced change that will stop a key is shown on its card and on its page', async () => {
  const { gateway, key, open } = await openCustomerWorld();
  const warnings = [
    toStoredWarning('WILL_STOP_SOONER', addMs(gateway.clock.now(), 12 * DAY_MS)),
    toStoredWarning('BROWNOUT_AHEAD', addMs(gateway.clock.now(), 9 * DAY_MS)),
  ];
  await commit(gateway.services, (change) => writeAnnounced(change, new Map([[key.id, { warnings, brownouts: [] }]])));
  const { page, faults } = await open({ width: 320 });
  const card = page.getByRole('listitem').filter({ hasText: 'nightly build' });
  await card.getByText(/^An announced change will stop it on \d+ \w+ \d{4} in 12 days$/).waitFor();
  await card.getByText(/^Refused for some minutes on/).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'my-keys-announced');
  await press(page, 'nightly build');
  const announced = page.getByRole('region', { name: 'Announced changes', exact: true });
  await announced.getByText(/earlier than today’s rules, on \d+ \w+ \d{4} in 12 days/).waitFor();
  await announced.getByText(/^On \d+ \w+ \d{4} in 9 days the key will be refused for at most 15 minutes/).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'my-key-announced');
  expect(faults).toEqual([]);
});

test('my keys: before a session ends another one is fetched, and when it has ended for good the page is told why', async () => {
  const { gateway, backend, site, open, change } = await openCustomerWorld({ lifetime: 'PT10M' });
  const { page } = await open();
  await press(page, 'nightly build');
  await press(page, 'Revoke');
  const why = page.getByRole('textbox', { name: 'Why', exact: true });
  await why.fill('It is replaced.');
  expect(site.sessionCount()).toBe(1);
  gateway.clock.advance(HOUR_MS);
  await change('holdKey', 'later');
  await page.getByRole('heading', { name: /^The key is held/ }).waitFor();
  // What the customer was typing is still there.
  expect([await why.inputValue(), site.sessionCount()]).toEqual(['It is replaced.', 2]);
  await page.evaluate(() => {
    const { document, window } = globalThis as any;
    document.querySelector('keytide-keys').addEventListener('keytide-end', (event: any) => {
      window.ended = event.detail.reason;
    });
  });
  const end = 'mutation ($input: EndPortalSessionsInput!) { endPortalSessions(input: $input) { __typename } }';
  await gateway.ask(end, { input: { realm: 'default', externalId: 'Ada' } }, backend);
  await page.getByText('Your session was ended. Sign in again to see your keys.', { exact: true }).waitFor();
  expect(await page.evaluate('window.ended')).toBe('PORTAL_SESSION_ENDED');
  expect(await page.getByText('nightly build').count()).toBe(0);
});

test('my keys: the page to link to takes a code out of its address, once', async () => {
  const { gateway, backend } = await openCustomerWorld();
  const session = { page: `${gateway.url}/my-keys`, may: ['LIST'] };
  const { url } = await createPortalSession(gateway, backend, 'Ada', session);
  const { page, faults, another } = await openWindow(gateway, url ?? '', { credentials: null, width: 320 });
  await page.getByText('nightly build', { exact: true }).waitFor();
  expect(page.url()).toBe(`${gateway.url}/my-keys`);
  expect([await isInPage(page, 'ktc_'), await isInPage(page, 'ktp_')]).toEqual([false, false]);
  // A session that may only list issues nothing.
  expect(await page.getByRole('button', { name: 'Issue a key', exact: true }).count()).toBe(0);
  await expectAccessible(page);
  await keepPicture(page, 'my-keys-page');
  const again = await another();
  await again.goto(url ?? '');
  await again.getByText('This link was used before, or is too old.', { exact: false }).waitFor();
  expect(again.url()).toBe(`${gateway.url}/my-keys`);
  await page.reload();
  await page.getByText('open your keys again', { exact: false }).waitFor();
  expect(faults).toEqual([]);
});

const setToken = (page: Page, token: string) =>
  page.evaluate((given) => void ((globalThis as any).document.querySelector('keytide-keys').token = given), token);

test('my keys: of one customer nothing stays when the page goes on with another, not even a dialog with a secret', async () => {
  const { gateway, backend, open } = await openCustomerWorld();
  const { page } = await open();
  await press(page, 'nightly build');
  await press(page, 'Rotate');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  const secret = (await page.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  const { token } = await createPortalSession(gateway, backend, 'Bea');
  await setToken(page, token ?? '');
  await page.getByText('You have no key that works.', { exact: false }).waitFor();
  expect([await isInPage(page, secret), await isInPage(page, 'nightly build')]).toEqual([false, false]);
});

test('my keys: the late end of a session does not end the one by which the page has replaced it', async () => {
  const { gateway, backend, open } = await openCustomerWorld();
  const { page } = await open();
  await page.getByText('nightly build', { exact: true }).waitFor();
  const { token } = await createPortalSession(gateway, backend, 'Ada');
  const errors = [{ message: 'Ended.', extensions: { code: 'UNAUTHENTICATED', outcome: 'PORTAL_SESSION_ENDED' } }];
  let isRefused = false;
  await page.route('**/graphql', async (route) => {
    if (isRefused || route.request().postData()?.includes('query KeyOfPage') !== true) return route.fallback();
    isRefused = true;
    await setToken(page, token ?? '');
    await route.fulfill({ status: 401, json: { errors }, headers: { 'Access-Control-Allow-Origin': '*' } });
  });
  await press(page, 'nightly build');
  await page.getByRole('heading', { name: 'When it stops', exact: true }).waitFor();
});

test('my keys: a session that may not follow events shows its own changes at once, and those of others after a while', async () => {
  const { gateway, backend } = await openCustomerWorld();
  const session = { page: `${gateway.url}/my-keys`, may: ['LIST', 'REVOKE'] };
  const { url } = await createPortalSession(gateway, backend, 'Ada', session);
  const { page, context } = await openWindow(gateway, 'about:blank', { credentials: null });
  await context.clock.install({ time: gateway.clock.now() });
  await page.goto(url ?? '');
  await press(page, 'nightly build');
  await press(page, 'Revoke');
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('It is replaced.');
  await press(page, 'Revoke for good');
  await page.getByText('Revoked', { exact: true }).waitFor();
  await press(page, 'All keys');
  await page.getByText('1 ended is hidden').waitFor();
  await issue(gateway, backend, { ownerOf, name: 'docs upload', scopes: [PUSH] });
  await page.clock.runFor(31_000);
  await page.getByText('docs upload', { exact: true }).waitFor();
});

test('my keys: an element that is moved keeps its session and what was typed, also in another document', async () => {
  const { gateway, backend } = await openCustomerWorld();
  const session = { page: `${gateway.url}/my-keys`, may: ['LIST', 'REVOKE'] };
  const { url } = await createPortalSession(gateway, backend, 'Ada', session);
  const { page, faults } = await openWindow(gateway, url ?? '', { credentials: null });
  await press(page, 'nightly build');
  await press(page, 'Revoke');
  const why = page.getByRole('textbox', { name: 'Why', exact: true });
  await why.fill('It is replaced.');
  await page.evaluate(() => {
    const { document } = globalThis as any;
    document.body.append(document.querySelector('keytide-keys'));
  });
  expect(await why.inputValue()).toBe('It is replaced.');
  const ground = await page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as any;
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const element = document.querySelector('keytide-keys');
    frame.contentDocument.body.append(element);
    return (
      getComputedStyle(element.shadowRoot.querySelector('.my-keys')).display +
      element.shadowRoot.adoptedStyleSheets.length
    );
  });
  expect(ground).toBe('block1');
  const frame = page.frameLocator('iframe');
  expect(await frame.getByRole('textbox', { name: 'Why', exact: true }).inputValue()).toBe('It is replaced.');
  expect(faults).toEqual([]);
});

test('my keys: a computer whose clock is wrong does not fetch one session after the other', async () => {
  const { gateway, site, change, open } = await openCustomerWorld();
  const { page, context, another } = await open();
  await page.getByText('nightly build', { exact: true }).waitFor();
  await context.clock.setFixedTime(gateway.clock.now().getTime() + 24 * HOUR_MS);
  const late = await another();
  await late.goto(`${site.origin}/?tab=keys`);
  await late.getByText('nightly build', { exact: true }).waitFor();
  await change('holdKey', 'Under review.');
  await late.getByText('Held', { exact: true }).waitFor();
  expect(site.sessionCount()).toBe(2);
});

test.each(forms)(
  'my keys: the list, a key that rotates and its dialogs are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, backend, key, open } = await openCustomerWorld();
    await gateway.ask(ROTATE_KEY, { input: { keyId: key.id, gracePeriod: 'P7D' } }, backend);
    const { page, faults } = await open({ theme, width });
    const look = async (name: string) => {
      await expectAccessible(page);
      await keepPicture(page, `my-keys-${name}-${theme}-${width}`);
    };
    await page.getByText('Rotating', { exact: true }).waitFor();
    await look('list');
    await press(page, 'Issue a key');
    await page.getByRole('checkbox', { name: 'package:push on Acme.*' }).check();
    await look('form');
    await page.keyboard.press('Escape');
    await press(page, 'nightly build');
    await page.getByRole('heading', { name: 'History', exact: true }).waitFor();
    await page.getByText('Rotation started', { exact: true }).waitFor();
    await look('key');
    await press(page, 'Revoke');
    await page.getByRole('textbox', { name: 'Why', exact: true }).waitFor();
    await look('revoke');
    expect(faults).toEqual([]);
  },
);
