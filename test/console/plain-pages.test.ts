import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createUnsubscribeToken } from '../../src/mail/unsubscribe-token.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { pollToken, requestCodes } from '../support/device-world.ts';
import { ADMIN } from '../support/first-node.ts';

// What the functions find that run in the page.
declare const document: any;
declare const window: any;

const hostile = `<img src=x onerror=alert(1)> "Anna's" laptop`;

/** Finds that a page has the styles of the console, and no script. */
async function expectStyled(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    radius: window.getComputedStyle(document.querySelector('.sheet')).borderRadius,
    scripts: document.scripts.length,
  }));
  expect(found).toEqual({ radius: '8px', scripts: 0 });
}

test.each(forms)(
  'plain pages: the sign-in of a device, the end of mails and an invitation look like the console and are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const { page, faults } = await open('/device', { theme, width, credentials: null });
    const codes = await requestCodes(gateway, hostile);
    await page.getByRole('heading', { name: 'Sign in a device', exact: true }).waitFor();
    await expectStyled(page);
    const fill = async (code: string) => {
      await page.getByRole('textbox', { name: 'Code', exact: true }).fill(code);
      await page.getByRole('textbox', { name: 'Email', exact: true }).fill(ADMIN.email);
      await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
      await page.keyboard.press('Enter');
    };
    await fill('BBBB-BBBB');
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
    await keepPicture(page, `device-${theme}-${width}`);
    await fill(codes.user_code);
    await page.getByText(hostile, { exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `device-question-${theme}-${width}`);
    await page.getByRole('button', { name: 'Confirm', exact: true }).press('Enter');
    await page.getByText(`${hostile} is signed in as you, for 12 hours.`).waitFor();
    gateway.clock.advance(6_000);
    expect((await pollToken(gateway, codes)).status).toBe(200);

    const { id } = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
    await page.goto(`/unsubscribe?token=${createUnsubscribeToken(gateway.services.sealer, id)}`);
    await expectStyled(page);
    await expectAccessible(page);
    await keepPicture(page, `unsubscribe-${theme}-${width}`);
    await page.getByRole('button', { name: 'Stop these mails', exact: true }).press('Enter');
    await page.getByText('Keytide will not send you these mails any more.').waitFor();
    expect((await gateway.prisma.account.findUniqueOrThrow({ where: { id } })).noticesByMail).toBe(false);
    await page.goto('/invitation#kti_none');
    await page.getByRole('textbox', { name: 'Name', exact: true }).waitFor();
    expect(page.url()).toBe(`${gateway.url}/invitation`);
    await expectAccessible(page);
    await keepPicture(page, `invitation-${theme}-${width}`);
    expect(faults.filter((fault) => !fault.includes('status of 400'))).toEqual([]);
  },
);
