import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { waitFor } from '../support/wait-for.ts';

// What the functions find that run in the page.
declare const document: any;
declare const localStorage: any;
declare const sessionStorage: any;

const email = { name: 'Email', exact: true };

test('console: a person signs in with the keyboard alone, stays signed in after a reload, and signs out', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/keys?state=held', { credentials: null });
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  expect(await page.getByRole('textbox', email).evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.type(ADMIN.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type('a wrong password');
  await page.keyboard.press('Enter');
  await page.getByText('No account has this email and this password.').waitFor();
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  // The page of the link that led here.
  await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=held');
  await page.reload();
  await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
  await page.getByRole('button', { name: 'Sign out', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  expect(await gateway.prisma.session.count({ where: { endedAt: null } })).toBe(0);
  expect(faults).toEqual([]);
});

test.each(forms)('console: the sign-in page and the start are accessible (%s, %i px)', async (theme, width) => {
  const { open } = await openConsoleWorld();
  const stranger = await open('/', { theme, width, credentials: null });
  await stranger.page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  await expectAccessible(stranger.page);
  await keepPicture(stranger.page, `sign-in-${theme}-${width}`);
  const { page, faults } = await open('/', { theme, width });
  await page.getByRole('heading', { name: 'What needs you', exact: true }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `start-${theme}-${width}`);
  expect([...stranger.faults, ...faults]).toEqual([]);
});

test('console: signed out elsewhere, an open page shows the sign-in page and nothing else', async () => {
  const { open } = await openConsoleWorld();
  const { page, another } = await open('/');
  await page.getByText('Live', { exact: true }).waitFor();
  const second = await another();
  await second.goto('/');
  await second.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('Your session has ended. Sign in again.', { exact: true }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});

test.each([
  ['the gateway refuses', 503],
  ['nothing answers', null],
])('console: if signing out fails because %s, the page says so and tries again', async (_name, status) => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.route('**/session', async (route) => {
    if (status === null) return route.abort();
    await route.fulfill({ status, json: { detail: 'The database is not available.' } });
  });
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'You are still signed in', exact: true }).waitFor();
  const reason = status === null ? 'The gateway cannot be reached.' : 'The database is not available.';
  expect(await page.getByRole('alert').getByText(reason, { exact: true }).count()).toBe(1);
  expect(await page.getByRole('navigation').count()).toBe(1);
  await expectAccessible(page);
  await page.unroute('**/session');
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  expect(await gateway.prisma.session.count({ where: { endedAt: null } })).toBe(0);
});

test('console: a page of another site can neither use nor replace the session, nor frame the console', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, another, context } = await open('/');
  await page.getByText('Live', { exact: true }).waitFor();
  const evil = createServer((_request, response) => response.end('<!doctype html><title>evil</title>'));
  onTestFinished(() => void evil.close());
  const port = await listen(evil, '127.0.0.1', 0);
  const before = await gateway.prisma.session.count();
  // Another site, and another port of the same host: SameSite does not tell the second one apart.
  for (const site of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
    const foreign = await another();
    await foreign.goto(site);
    const outcomes = await foreign.evaluate(async (url) => {
      const body = JSON.stringify({ query: '{ viewer { __typename } }' });
      const outcome = (init: RequestInit, path: string) =>
        fetch(url + path, { credentials: 'include', ...init }).then(
          (response) => `${response.type} ${String(response.status)}`,
          () => 'failed',
        );
      const json = { 'Content-Type': 'application/json' };
      const credentials = JSON.stringify({ email: 'admin@example.com', password: 'a good long password' });
      const socket = new Promise<string>((resolve) => {
        const opened = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
        opened.addEventListener('open', () => resolve('open'));
        opened.addEventListener('error', () => resolve('refused'));
      });
      return {
        json: await outcome({ method: 'POST', body, headers: json }, '/graphql'),
        text: await outcome({ method: 'POST', body, mode: 'no-cors' }, '/graphql'),
        signIn: await outcome({ method: 'POST', body: credentials, mode: 'no-cors' }, '/session'),
        signOut: await outcome({ method: 'DELETE' }, '/session'),
        socket: await socket,
      };
    }, gateway.url);
    expect(outcomes).toEqual({
      json: 'failed',
      text: 'opaque 0',
      signIn: 'opaque 0',
      signOut: 'failed',
      socket: 'refused',
    });
    await foreign.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
    }, gateway.url);
    await waitFor(() => expect(foreign.frames().length).toBe(2));
    await foreign.waitForLoadState('networkidle');
    expect(await foreign.frames()[1]?.getByText('Keytide').count()).toBe(0);
  }
  expect(await gateway.prisma.session.count()).toBe(before);
  expect((await context.cookies(gateway.url)).length).toBe(1);
  await page.reload();
  await page.getByRole('heading', { name: 'What needs you', exact: true }).waitFor();
});

test('console: what it loads before its first page is less than 200 kB', async () => {
  const { open } = await openConsoleWorld();
  const { another } = await open('/');
  const page = await another();
  const sizes = new Map<string, number>();
  page.on('response', (response) => {
    const { 'content-encoding': encoding, 'content-length': length } = response.headers();
    if (response.url().includes('/assets/')) sizes.set(response.url(), Number(length));
    if (/\.(?:js|css)$/.test(response.url())) expect(encoding).toBe('br');
  });
  await page.goto('/');
  await page.getByText('Live', { exact: true }).waitFor();
  expect(sizes.size).toBeGreaterThan(1);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThan(200_000);
});

test.each(forms)(
  'console: what asks for the password, and what a session leaves, is accessible (%s, %i px)',
  async (theme, width) => {
    const { open } = await openConsoleWorld();
    const { page, another } = await open('/people', { theme, width });
    await page.getByRole('button', { name: 'Invite a person', exact: true }).click();
    await page.getByRole('textbox', email).fill('nia@example.com');
    await page.getByRole('checkbox', { name: 'Administrator of this gateway', exact: true }).check();
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByRole('dialog', { name: 'Enter your password again', exact: true }).waitFor();
    await page.keyboard.type('a wrong password');
    await page.keyboard.press('Enter');
    await page.getByText('The password is wrong.', { exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `password-again-${theme}-${width}`);
    const second = await another();
    await second.goto('/');
    await second.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByText('Your session has ended. Sign in again.', { exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `session-ended-${theme}-${width}`);
  },
);

test.each(forms)(
  'console: an address that has no page says so, also to a stranger, and leads to the start (%s, %i px)',
  async (theme, width) => {
    const { open } = await openConsoleWorld();
    const stranger = await open('/kyes', { theme, width, credentials: null });
    const { page, faults } = await open('/kyes', { theme, width });
    for (const [name, shown] of [
      ['stranger', stranger.page],
      ['member', page],
    ] as const) {
      await shown.getByRole('heading', { name: 'There is no such page', exact: true }).waitFor();
      await expectAccessible(shown);
      await keepPicture(shown, `missing-${name}-${theme}-${width}`);
      await shown.getByRole('link', { name: 'Go to the start', exact: true }).click();
    }
    await page.getByRole('heading', { name: 'What needs you', exact: true }).waitFor();
    await stranger.page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
    const others = [...faults, ...stranger.faults].filter((fault) => !fault.includes('status of 404'));
    expect(others).toEqual([]);
  },
);
