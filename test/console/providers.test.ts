import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { jobKeySet } from '../support/trusted-job.ts';

const hostile = '<img src=x onerror=alert(1)> builds';
const PROVIDERS = '/rules/issuers?realm=default';

test('console providers: an administrator trusts one by keyboard, changes it and distrusts it, with words for each refusal', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/rules');
  await page.getByRole('link', { name: 'Trusted providers', exact: true }).press('Enter');
  await page.getByText('Default trusts no provider.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Trust a provider', exact: true }).press('Enter');
  await page
    .getByRole('combobox', { name: 'Provider', exact: true })
    .selectOption('another issuer of OpenID Connect tokens');
  const url = page.getByRole('textbox', { name: 'URL of the issuer', exact: true });
  await url.fill('https://jobs.example');
  await page.getByRole('textbox', { name: 'Name (not required)', exact: true }).fill(hostile);
  const keys = page.getByRole('textbox', { name: 'Public keys (not required)', exact: true });
  await keys.fill('{"keys": []}');
  await page.getByRole('button', { name: 'Trust the provider', exact: true }).press('Enter');
  await page.getByRole('alert').getByText('keySet').waitFor();
  // Nothing that was typed is lost.
  expect(await url.inputValue()).toBe('https://jobs.example');
  await keys.fill(JSON.stringify(jobKeySet));
  await page.getByRole('button', { name: 'Trust the provider', exact: true }).press('Enter');
  const provider = page.getByRole('region', { name: hostile, exact: true });
  await provider.getByText('It has no rule, so that its jobs get no keys.', { exact: true }).waitFor();
  await provider.getByText(`${gateway.url}/default`, { exact: true }).waitFor();

  await page.getByRole('button', { name: `Change ${hostile}`, exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Audience', exact: true }).fill('keytide');
  await page.keyboard.press('Enter');
  await provider.getByText('keytide', { exact: true }).waitFor();
  await page.getByRole('button', { name: `Distrust ${hostile}`, exact: true }).press('Enter');
  await page.getByRole('dialog').getByText('All of its rules end with it').waitFor();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('We have moved.');
  await page.keyboard.press('Enter');
  await page.getByText('Default trusts no provider.', { exact: true }).waitFor();
  const issuers = await gateway.prisma.trustedIssuer.findMany();
  expect(issuers).toMatchObject([{ name: hostile, audience: 'keytide', distrustedAt: expect.any(Date) }]);
  expect(faults.filter((fault) => !fault.includes('status of 400'))).toEqual([]);
});

test.each(forms)(
  'console providers: the list, the form and a dialog are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const input = { realm: 'default', url: 'https://jobs.example', name: hostile, keySet: jobKeySet };
    const trust = 'mutation ($input: TrustIssuerInput!) { trustIssuer(input: $input) { __typename } }';
    await gateway.ask(trust, { input }, await gateway.admin());
    const { page, faults } = await open(PROVIDERS, { theme, width });
    await page.getByRole('region', { name: hostile, exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `providers-${theme}-${width}`);
    await page.getByRole('button', { name: 'Trust a provider', exact: true }).click();
    await page.getByRole('heading', { name: 'Trust a provider', exact: true }).scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await keepPicture(page, `trust-provider-${theme}-${width}`);
    await page.getByRole('button', { name: `Change ${hostile}`, exact: true }).click();
    await expectAccessible(page);
    await keepPicture(page, `change-provider-${theme}-${width}`);
    expect(faults).toEqual([]);
  },
);
