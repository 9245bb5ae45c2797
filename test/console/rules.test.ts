import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openWindow, type WindowOptions } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { AUDIENCE, openIssuerWorld } from '../support/issuer-world.ts';
import { jobKeySet } from '../support/trusted-job.ts';

/** A console whose gateway trusts an issuer, with a rule for jobs of the team "acme". */
async function openRulesWorld(rule: object = {}) {
  let url = 'http://127.0.0.1:0';
  const issuers = await openIssuerWorld({
    publicUrl: () => url,
    isClockTrusted: () => true,
    trust: { audience: AUDIENCE, name: 'Builds' },
    rule: { name: 'releases', ...rule },
  });
  url = issuers.gateway.url;
  const open = (path: string, options: WindowOptions = {}) => openWindow(issuers.gateway, path, options);
  return { ...issuers, open };
}

test('console rules: a rule is made by keyboard, changed and removed; its page says what it may issue', async () => {
  const { gateway, exchange, token, verify, open } = await openRulesWorld();
  const { page, faults } = await open('/rules');
  await page.getByRole('link', { name: 'releases', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Add a rule', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly');
  await page.getByRole('combobox', { name: 'Provider', exact: true }).selectOption({ index: 1 });
  await page.getByRole('combobox', { name: 'Claim 1', exact: true }).fill('team');
  await page.getByRole('textbox', { name: 'Value 1', exact: true }).fill('night');
  await page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.Night');
  const owner = page.getByRole('searchbox', { name: 'Owner of the keys', exact: true });
  await owner.fill('no such owner');
  await page.getByText('No organization or person whom you may see matches.').waitFor();
  await owner.fill('grou');
  await page.getByRole('list', { name: 'Owners found', exact: true }).getByRole('button').press('Enter');
  await page.getByText(/^group.* is chosen\.$/).waitFor();
  const labels = page.getByRole('textbox', { name: 'Labels (not required)', exact: true });
  await labels.fill('nonsense');
  await page.getByText('found “nonsense”; expected name=value in each line').waitFor();
  await labels.fill('stage=night');
  await page.getByRole('button', { name: 'Add the rule', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'nightly', exact: true }).waitFor();
  await page.getByText('stage=night', { exact: true }).waitFor();
  const { secret } = await exchange(token({ team: 'night' }));
  expect(await verify(secret, 'Acme.Night')).toBe('VALID');
  await page.getByText('It has issued 1 key; 1 works now.').waitFor();
  await page.getByRole('link', { name: 'Change', exact: true }).click();
  await page.getByRole('textbox', { name: 'Value 1', exact: true }).fill('day');
  await page.getByRole('button', { name: 'Change the rule', exact: true }).click();
  await page.getByText('day', { exact: true }).waitFor();
  expect((await exchange(token({ team: 'night' }))).status).toBe(400);
  await page.getByRole('button', { name: 'Revoke its keys', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('A job was taken over.');
  await page.getByRole('button', { name: 'Find the keys', exact: true }).click();
  await page.getByRole('dialog', { name: 'Revoke 1 key?', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Revoke for good', exact: true }).click();
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await page.getByRole('dialog', { name: 'Revoke 1 key?', exact: true }).waitFor({ state: 'hidden' });
  await gateway.node.operationLoop.runDue();
  await page.getByText('It has issued 1 key; 0 work now.').waitFor();
  expect(await verify(secret, 'Acme.Night')).toBe('KEY_REVOKED');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('The rule was removed').waitFor();
  // The refusal that asks for the password is an error in the console of every browser.
  expect(faults.filter((fault) => !fault.endsWith(' 403 (Forbidden)'))).toEqual([]);
});

test('console rules: a refusal of the gateway is shown beside the form, and nothing that was typed is lost', async () => {
  const { gateway, ownerId, world, open } = await openRulesWorld();
  await world.mutate('trustIssuer', { realm: 'default', preset: 'GITHUB_ACTIONS', keySet: jobKeySet }, 'issuer { id }');
  const { page } = await open('/rules/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('releases');
  const provider = page.getByRole('combobox', { name: 'Provider', exact: true });
  const name = await provider.getByRole('option').filter({ hasText: 'token.actions' }).textContent();
  await provider.selectOption(name!);
  await page.getByRole('combobox', { name: 'Claim 1', exact: true }).fill('repository');
  await page.getByRole('textbox', { name: 'Value 1', exact: true }).fill('acme/core');
  await page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.*');
  await page.getByRole('searchbox', { name: 'Owner of the keys', exact: true }).fill(ownerId);
  await page.getByRole('button', { name: 'Add the rule', exact: true }).click();
  await page.getByRole('alert').getByText('repository_id').waitFor();
  expect(await page.getByRole('textbox', { name: 'Value 1', exact: true }).inputValue()).toBe('acme/core');
  expect(await gateway.prisma.tokenRule.count()).toBe(1);
});

test('console rules: the tester says which claim fails, and keeps the token nowhere', async () => {
  const { gateway, token, open } = await openRulesWorld();
  const { page, faults, context } = await open('/rules/test');
  const field = page.getByRole('textbox', { name: 'The token of a job, or its claims as JSON', exact: true });
  const hostile = '<img src=x onerror="alert(1)">2026-99-99';
  const refused = token({ team: hostile });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), refused);
  await field.focus();
  await page.keyboard.press('Control+V');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No key for this token', exact: true }).waitFor();
  const cells = page.getByRole('row').filter({ hasText: 'team' }).getByRole('cell');
  expect(await cells.allInnerTexts()).toEqual(['team', 'acme', hostile, 'Does not match']);
  expect(await field.inputValue()).toBe('');
  await field.focus();
  await page.keyboard.press('Control+Z');
  expect(await field.inputValue()).toBe('');
  await field.fill(token());
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page
    .getByRole('heading', { name: 'A job with this token gets a key by the rule releases', exact: true })
    .waitFor();
  const body = refused.split('.')[1]!;
  const stored = await page.evaluate(() => {
    const { localStorage, sessionStorage, document } = globalThis as any;
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      document.documentElement.outerHTML,
    ]);
  });
  expect(stored).not.toContain(body);
  expect(page.url()).toBe(`${gateway.url}/rules/test`);
  expect(gateway.logged.join('')).not.toContain(body);
  expect(await page.locator('main img').count()).toBe(0);
  expect(faults).toEqual([]);
});

test('console rules: the secret of a key is not sent to the tester, and claims are explained without a token', async () => {
  const { gateway, claims, open } = await openRulesWorld();
  const create = 'mutation ($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }';
  await gateway.ask(create, { input: { name: 'Other', slug: 'other' } }, await gateway.admin());
  const { page } = await open('/rules/test');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  const field = page.getByRole('textbox', { name: 'The token of a job, or its claims as JSON', exact: true });
  const secret = `kt_${'a'.repeat(49)}`;
  await field.fill(secret);
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByText('It looks like the secret of a key. It was not sent.').waitFor();
  expect(sent.join('')).not.toContain(secret);
  expect(await field.inputValue()).toBe('');
  await field.fill(JSON.stringify(claims({ team: undefined })));
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByRole('cell', { name: 'nothing', exact: true }).waitFor();
  const realm = page.getByRole('combobox', { name: 'Realm', exact: true });
  await realm.focus();
  await realm.selectOption('other');
  await page.getByRole('cell', { name: 'nothing', exact: true }).waitFor({ state: 'hidden' });
  expect(await realm.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
});

test.each(forms)('console rules: its pages are accessible (%s, %i px)', async (theme, width) => {
  const { ruleId, exchange, token, claims, open } = await openRulesWorld();
  await exchange(token());
  const { page, faults } = await open('/rules', { theme, width });
  await page.getByRole('link', { name: 'releases', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `rules-${theme}-${width}`);
  await page.goto(`/rules/${ruleId}`);
  await page.getByText('It has issued 1 key; 1 works now.').waitFor();
  await expectAccessible(page);
  await keepPicture(page, `rule-${theme}-${width}`);
  await page.goto(`/rules/${ruleId}/change`);
  await page.getByRole('button', { name: 'Change the rule', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `rule-change-${theme}-${width}`);
  await page.goto('/rules/test');
  await page.getByRole('textbox').fill(JSON.stringify(claims({ team: 'other' })));
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByRole('heading', { name: 'No key for this token', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `rule-test-${theme}-${width}`);
  expect(faults).toEqual([]);
});
