import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { pollToken, requestCodes } from '../support/device-world.ts';
import { ADMIN } from '../support/first-node.ts';

const hostile = `<img src=x onerror=alert(1)> "Anna's" laptop`;

test('console settings: a device is confirmed by keyboard, after the password was given again; within 5 minutes it is not asked again', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/settings');
  const codes = await requestCodes(gateway, hostile);
  const code = page.getByRole('textbox', { name: 'Code', exact: true });
  await code.fill(codes.user_code.toLowerCase());
  await code.press('Enter');
  await page.getByText(hostile, { exact: true }).waitFor();
  const confirm = page.getByRole('button', { name: 'Confirm', exact: true });
  await confirm.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Enter your password again', exact: true });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing was changed: this change needs your password.', { exact: true }).waitFor();
  expect((await pollToken(gateway, codes)).json).toMatchObject({ error: 'authorization_pending' });
  expect(await confirm.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.type('a wrong password');
  await page.keyboard.press('Enter');
  await dialog.getByText('The password is wrong.', { exact: true }).waitFor();
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.getByText(`${hostile} is signed in as you, for 12 hours.`, { exact: true }).first().waitFor();
  gateway.clock.advance(6_000);
  expect((await pollToken(gateway, codes)).status).toBe(200);
  // The refusals of the wrong password and of the change without it are errors in the console of every browser.
  expect(faults.filter((fault) => !/status of (?:403|503)/.test(fault))).toEqual([]);

  const second = await requestCodes(gateway, 'tower');
  await code.fill(second.user_code);
  await code.press('Enter');
  await confirm.press('Enter');
  await page.getByText('tower is signed in as you, for 12 hours.', { exact: true }).first().waitFor();
  const third = await requestCodes(gateway, 'a laptop of nobody here');
  await code.fill(third.user_code);
  await code.press('Enter');
  await page.getByRole('button', { name: 'Refuse', exact: true }).press('Enter');
  await page.getByText('a laptop of nobody here was refused.', { exact: true }).first().waitFor();
  gateway.clock.advance(6_000);
  expect((await pollToken(gateway, third)).json).toMatchObject({ error: 'access_denied' });
});

test('console settings: a code that no device shows, and a session that ends while the password is asked, are said', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/settings');
  const code = page.getByRole('textbox', { name: 'Code', exact: true });
  await code.fill('BBBB-BBBB');
  await code.press('Enter');
  await page.getByText('No device waits with this code.').waitFor();
  const codes = await requestCodes(gateway, 'laptop');
  await code.fill(codes.user_code);
  await code.press('Enter');
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  const password = page.getByRole('dialog').getByLabel('Password', { exact: true });
  await password.fill(ADMIN.password);
  await gateway.prisma.session.updateMany({ data: { endedAt: gateway.clock.now() } });
  await password.press('Enter');
  await page.getByText('Your session has ended. Sign in again.', { exact: true }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('console settings: what is confirmed is the device that is shown, also if another code was typed while it was sought', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/settings');
  const [shown, typed] = [await requestCodes(gateway, 'laptop'), await requestCodes(gateway, 'of a stranger')];
  const code = page.getByRole('textbox', { name: 'Code', exact: true });
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('query WaitingDeviceOnPage') !== true) return route.fallback();
    await code.fill(typed.user_code);
    await route.continue();
  });
  await code.fill(shown.user_code);
  await code.press('Enter');
  await page.getByText('laptop', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  const password = page.getByRole('dialog').getByLabel('Password', { exact: true });
  await password.fill(ADMIN.password);
  await password.press('Enter');
  await page.getByText('laptop is signed in as you, for 12 hours.', { exact: true }).first().waitFor();
  gateway.clock.advance(6_000);
  expect((await pollToken(gateway, shown)).status).toBe(200);
  expect((await pollToken(gateway, typed)).json).toMatchObject({ error: 'authorization_pending' });
});

test('console settings: the password is changed, and other windows of the person are signed out', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { email, password } = ADMIN;
  const other = await open('/');
  await other.page.getByText('Live', { exact: true }).waitFor();
  const { page, faults } = await open('/');
  await page.getByRole('link', { name: 'Administrator', exact: true }).click();
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor();
  await page.getByLabel('Present password', { exact: true }).fill('a wrong password');
  await page.getByLabel('New password', { exact: true }).fill('another good long password');
  await page.getByRole('button', { name: 'Change the password', exact: true }).click();
  await page.getByText('The current password is wrong.').waitFor();
  await page.getByLabel('Present password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Change the password', exact: true }).click();
  await page.getByText('Your password is changed, and all your other sessions have ended.', { exact: true }).waitFor();
  await other.page.getByText('Your session has ended. Sign in again.', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: /^Mail me before/ }).click();
  await expect
    .poll(async () => (await gateway.prisma.account.findUniqueOrThrow({ where: { email } })).noticesByMail)
    .toBe(false);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Ada <b>Administrator</b>');
  await page.keyboard.press('Enter');
  // Every page has the name from now on.
  await page.getByRole('link', { name: 'Ada <b>Administrator</b>', exact: true }).waitFor();
  expect(faults.filter((fault) => !fault.includes('status of 503'))).toEqual([]);
});

test.each(forms)(
  'console settings: the page and the question for the password are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const { page, faults } = await open('/settings', { theme, width });
    const codes = await requestCodes(gateway, hostile);
    gateway.clock.advance(2 * MINUTE_MS);
    const code = page.getByRole('textbox', { name: 'Code', exact: true });
    await code.fill(codes.user_code);
    await code.press('Enter');
    await page.getByText(hostile, { exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `settings-${theme}-${width}`);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('dialog', { name: 'Enter your password again', exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `password-again-${theme}-${width}`);
    // Without the password the change is refused, and a gateway whose timers stand still is not ready.
    expect(faults.filter((fault) => !/status of (?:403|503)/.test(fault))).toEqual([]);
  },
);
