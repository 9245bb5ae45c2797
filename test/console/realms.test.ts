import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';

const hostile = '<img src=x onerror=alert(1)> registry';

test('console realms: an administrator makes a realm by keyboard and changes its settings, actions and ceilings', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/realms/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).focus();
  await page.keyboard.type(hostile);
  const slug = page.getByRole('textbox', { name: 'Slug', exact: true });
  expect(await slug.inputValue()).toBe('img-src-x-onerror-alert-1-registry');
  await slug.fill('default');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('default').waitFor();
  await slug.fill('registry');
  await page.getByRole('textbox', { name: 'Secrets begin with (not required)', exact: true }).fill('acme_test_');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: hostile, exact: true }).waitFor();

  const action = page.getByRole('textbox', { name: 'Action', exact: true });
  for (const name of ['package:push', 'package:unlist']) {
    await action.fill(name);
    await page.getByRole('textbox', { name: 'What it allows', exact: true }).fill(`to ${name}`);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Retire ${name}`, exact: true }).waitFor();
  }
  expect(await page.locator('input:user-invalid').count(), 'emptied fields that are marked as wrong').toBe(0);
  await page.getByRole('button', { name: 'Retire package:unlist', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Retire', exact: true }).press('Enter');
  await page.getByText('Retired: package:unlist.').waitFor();

  const longest = page.getByRole('spinbutton', { name: 'A key lives at most', exact: true });
  await longest.fill('90');
  await page.getByRole('combobox', { name: 'A leaked key is', exact: true }).selectOption('REVOKE');
  const origins = page.getByRole('textbox', { name: 'Origins of your portal pages (not required)', exact: true });
  await origins.fill('ftp://app.example');
  await page.getByRole('button', { name: 'Save the settings', exact: true }).press('Enter');
  await page.getByRole('alert').getByText('portalOrigins').waitFor();
  // Nothing that was typed is lost, and nothing was saved.
  expect(await longest.inputValue()).toBe('90');
  await origins.fill('https://app.example\nhttps://other.example');
  await page.getByRole('button', { name: 'Save the settings', exact: true }).press('Enter');
  await page.getByText('Saved.', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Change the ceilings', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Add a row', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Action 1', exact: true }).fill('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.*');
  await page.getByRole('button', { name: 'Save the ceilings', exact: true }).press('Enter');
  await page.getByText('Acme.*', { exact: true }).waitFor();
  // A setting of the mails that is not changed stays.
  const update = 'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';
  const subjectMail = { senderName: 'Acme', keysPage: 'https://app.example/keys' };
  await gateway.ask(update, { input: { realm: 'registry', subjectMail } }, await gateway.admin());
  const sender = page.getByRole('textbox', { name: 'Customers get mails from (not required)', exact: true });
  await expect.poll(() => sender.inputValue()).toBe('Acme');
  await sender.fill('Acme & Co');
  await sender.press('Enter');
  await expect
    .poll(() => gateway.prisma.realm.findUnique({ where: { slug: 'registry' }, select: { subjectMailName: true } }))
    .toEqual({ subjectMailName: 'Acme & Co' });
  // What another person has changed since it was edited is not overwritten.
  await longest.fill('60');
  await gateway.ask(update, { input: { realm: 'registry', longestLifetime: 'P30D' } }, await gateway.admin());
  await page.getByRole('button', { name: 'Save the settings', exact: true }).press('Enter');
  await page.getByRole('alert').getByText('Another person has changed this since you opened the form.').waitFor();
  await page.getByRole('button', { name: 'Cancel the changes', exact: true }).press('Enter');
  await expect.poll(() => longest.inputValue()).toBe('30');
  const realm = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'registry' } });
  expect(realm).toMatchObject({
    name: hostile,
    secretPrefix: 'acme_test_',
    leakResponse: 'REVOKE',
    subjectMailPage: 'https://app.example/keys',
    portalOrigins: ['https://app.example', 'https://other.example'],
  });
  // The refusal of the origin is an error in the console of every browser.
  expect(faults.filter((fault) => !fault.includes('status of 400'))).toEqual([]);
});

test('console realms: what a person types stays while another person changes the realm, and roles without a ceiling are said', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page } = await open('/realms/default');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change the ceilings', exact: true }).click();
  await page.getByRole('button', { name: 'Add a row', exact: true }).click();
  const action = page.getByRole('textbox', { name: 'Action 1', exact: true });
  await action.fill('package:push');
  const prefix = page.getByRole('textbox', { name: 'Secrets begin with', exact: true });
  await prefix.fill('acme_test_');
  const input = {
    realm: 'default',
    name: 'Registry',
    ceilings: [{ role: 'ADMIN', scopes: [{ action: '*', resource: '**' }] }],
  };
  const update = 'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';
  await gateway.ask(update, { input }, await gateway.admin());
  await page.getByRole('heading', { name: 'Registry', exact: true }).waitFor();
  expect([await action.inputValue(), await prefix.inputValue()]).toEqual(['package:push', 'acme_test_']);
  const save = page.getByRole('button', { name: 'Save the ceilings', exact: true });
  await save.click();
  await page.getByRole('alert').getByText('Another person has changed this since you opened the form.').waitFor();
  const rows = await gateway.prisma.ceiling.findMany({ where: { realm: { slug: 'default' } } });
  expect(rows).toMatchObject([{ role: 'ADMIN', action: '*', resource: '**' }]);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Change the ceilings', exact: true }).click();
  // What the other person has set is there now, and what is set beside the list does not count.
  expect(await action.inputValue()).toBe('*');
  await gateway.ask(update, { input: { realm: 'default', name: 'Registry 2' } }, await gateway.admin());
  await page.getByRole('heading', { name: 'Registry 2', exact: true }).waitFor();
  await action.fill('package:push');
  await save.click();
  await page.getByRole('paragraph').filter({ hasText: /OWNER/ }).waitFor();
});

/** The events of a calendar file. */
const calendarOf = (...events: readonly string[]) =>
  ['BEGIN:VCALENDAR', ...events.map((event) => `BEGIN:VEVENT\n${event}\nEND:VEVENT`), 'END:VCALENDAR'].join('\n');

test('console realms: the holidays of a calendar file become freezes, in the time zone of the person, each once', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/realms/default');
  const choose = (text: string) =>
    page
      .getByLabel('Calendar file', { exact: true })
      .setInputFiles({ name: 'holidays.ics', mimeType: 'text/calendar', buffer: Buffer.from(text) });
  await choose(calendarOf('DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=WEEKLY\nSUMMARY:Christmas'));
  await page.getByRole('alert').getByText('Line 4: found FREQ=WEEKLY').waitFor();
  await choose(
    calendarOf(
      'DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY\nSUMMARY:Christmas',
      `DTSTART:20261231T230000Z\nDURATION:P1D\nSUMMARY:${hostile}`,
    ),
  );
  await page.getByText('3 to add.', { exact: true }).waitFor();
  await page.getByText(hostile).waitFor();
  const zone = page.getByRole('textbox', { name: 'Time zone of whole days', exact: true });
  expect(await zone.inputValue()).toBe('Europe/Berlin');
  await zone.fill('Mars/Olympus');
  await page.getByRole('alert').getByText('The time zone is not known.').waitFor();
  await zone.fill('Europe/Berlin');
  await expectAccessible(page);
  await keepPicture(page, 'import-freezes');
  await page.getByRole('button', { name: 'Add 3 freezes', exact: true }).press('Enter');
  await page.getByRole('button', { name: `Remove the freeze ${hostile}`, exact: true }).waitFor();
  const stored = await gateway.prisma.freeze.findMany({ orderBy: { from: 'asc' } });
  expect(stored.map(({ from, to }) => [from.toISOString(), to.toISOString()])).toEqual([
    ['2026-12-24T23:00:00.000Z', '2026-12-26T23:00:00.000Z'],
    ['2026-12-31T23:00:00.000Z', '2027-01-01T23:00:00.000Z'],
    ['2027-12-24T23:00:00.000Z', '2027-12-26T23:00:00.000Z'],
  ]);
  await choose(calendarOf('DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas'));
  await page.getByText('0 to add, 1 already there.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Add the freezes', exact: true }).press('Enter');
  expect(await gateway.prisma.freeze.count()).toBe(3);
  expect(faults).toEqual([]);
});

test('console realms: freezes, ceilings of customers and secrets of another system are changed by keyboard, within their bounds', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/realms/default');
  await page.getByText('No freeze is ahead.', { exact: true }).waitFor();
  await page.getByLabel('Begins', { exact: true }).fill('2026-12-20T00:00');
  await page.getByLabel('Ends', { exact: true }).fill('2027-01-07T00:00');
  await page.getByRole('textbox', { name: 'Why there is a freeze', exact: true }).fill(hostile);
  await page.keyboard.press('Enter');
  await page.getByText(hostile).waitFor();
  // What another person adds meanwhile stays, also when one is removed.
  const update = 'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';
  const freezes = await gateway.prisma.freeze.findMany();
  expect(freezes).toMatchObject([{ from: new Date('2026-12-19T23:00:00Z'), reason: hostile }]);
  const added = { from: '2027-03-01T00:00:00Z', to: '2027-03-02T00:00:00Z', reason: 'The fair.' };
  const present = freezes.map(({ from, to, reason }) => ({ from, to, reason }));
  await page.getByRole('button', { name: `Remove the freeze ${hostile}`, exact: true }).press('Enter');
  await gateway.ask(update, { input: { realm: 'default', freezes: [...present, added] } }, await gateway.admin());
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).press('Enter');
  await page.getByText('The fair.').waitFor();
  await expect.poll(() => page.getByText(hostile).count()).toBe(0);
  expect(await gateway.prisma.freeze.count()).toBe(1);
  expect(await page.locator('input:user-invalid').count(), 'emptied fields that are marked as wrong').toBe(0);

  await page.getByRole('button', { name: 'Change the ceilings of customers', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Add a row for customers', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Only with the label 1', exact: true }).fill('policy/plan');
  await page.getByRole('textbox', { name: 'Value of the label 1', exact: true }).fill('gold');
  await page.getByRole('textbox', { name: 'Action for customers 1', exact: true }).fill('keytide:read');
  const save = page.getByRole('button', { name: 'Save the ceilings of customers', exact: true });
  await save.press('Enter');
  await page.getByRole('alert').getByText('found a reserved action').waitFor();
  await page.getByRole('textbox', { name: 'Action for customers 1', exact: true }).fill('package:*');
  await save.press('Enter');
  await page.getByText('With policy/plan=gold', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Accept secrets of another system', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'A whole secret matches', exact: true }).fill('kt_[0-9a-f]{40}');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('foreignSecrets, pattern').waitFor();
  await page.getByRole('textbox', { name: 'A whole secret matches', exact: true }).fill('sk_live_[0-9a-f]{40}');
  await page.keyboard.press('Enter');
  await page.getByText('sk_live_[0-9a-f]{40}', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Accept none', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Accept none', exact: true }).press('Enter');
  await page.getByText('None verify in this realm.', { exact: true }).waitFor();
  expect(faults.filter((fault) => !fault.includes('status of 400'))).toEqual([]);
});

test('console realms: who is not an administrator sees a realm, and nothing that would be refused', async () => {
  const { gateway, open } = await openConsoleWorld();
  await gateway.person('pia');
  const credentials = { email: 'pia@example.com', password: 'the password of pia' };
  const { page } = await open('/realms', { credentials });
  await page.getByRole('link', { name: 'Default', exact: true }).click();
  await page.getByText('A key lives at most', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Freezes', exact: true }).waitFor();
  for (const role of ['textbox', 'spinbutton', 'combobox'] as const) {
    expect(await page.locator('main').getByRole(role).count(), role).toBe(0);
  }
  await page.goto('/realms/nowhere');
  await page.getByRole('heading', { name: 'There is no such realm', exact: true }).waitFor();
});

test.each(forms)('console realms: the list, the form and a realm are accessible (%s, %i px)', async (theme, width) => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/realms', { theme, width });
  await page.getByRole('link', { name: 'Default', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `realms-${theme}-${width}`);
  await page.getByRole('link', { name: 'Default', exact: true }).click();
  await page.getByRole('button', { name: 'Change the ceilings', exact: true }).click();
  await page.getByRole('button', { name: 'Add a row', exact: true }).click();
  await expectAccessible(page);
  await keepPicture(page, `realm-${theme}-${width}`);
  await page.getByRole('button', { name: 'Change the ceilings of customers', exact: true }).click();
  await page.getByRole('button', { name: 'Add a row for customers', exact: true }).click();
  await page.getByRole('button', { name: 'Accept secrets of another system', exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save the ceilings of customers', exact: true }).scrollIntoViewIfNeeded();
  await keepPicture(page, `realm-customers-${theme}-${width}`);
  await page.getByRole('button', { name: 'Add the freeze', exact: true }).scrollIntoViewIfNeeded();
  await keepPicture(page, `realm-freezes-${theme}-${width}`);
  await page.goto('/realms/new');
  await page.getByRole('textbox', { name: 'Slug', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `new-realm-${theme}-${width}`);
  expect(faults).toEqual([]);
});
