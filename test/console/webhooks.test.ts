import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { openReceiver } from '../support/receiver.ts';
import { loopbackWebhooks, webhookWorldOn } from '../support/webhook-world.ts';

/** A console whose gateway may send to a receiver on this machine. The administrator owns the webhooks. */
async function openWebhookConsole() {
  const receiver = await openReceiver();
  const console = await openConsoleWorld({ webhooks: loopbackWebhooks([receiver.port]) });
  const { gateway } = console;
  const { id } = await gateway.prisma.account.findUniqueOrThrow({ where: { email: ADMIN.email } });
  return { ...console, receiver, world: webhookWorldOn(gateway, { id, token: await gateway.admin() }) };
}

test('console webhooks: one is made by keyboard, its secret shown once; a test arrives, with its attempt', async () => {
  const { open, receiver, world } = await openWebhookConsole();
  const { page, faults } = await open('/webhooks');
  await page.getByText('There is no webhook yet.', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Make a webhook', exact: true }).first().press('Enter');
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill('http://10.0.0.1/hook');
  await page.getByRole('textbox', { name: 'What it is for (not required)', exact: true }).fill('the pager');
  await page.getByRole('button', { name: 'Make the webhook', exact: true }).press('Enter');
  await page.getByRole('alert').getByText('Its scheme is http').waitFor();
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill(receiver.url);
  await page.getByRole('combobox', { name: 'Only these events', exact: true }).selectOption('Key held');
  await page.getByRole('button', { name: 'Make the webhook', exact: true }).press('Enter');
  const secret = (await page.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have stored it', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'the pager', exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole('button', { name: 'Test', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await world.settle();
  await page.getByText('Delivered 204', { exact: true }).waitFor();
  expect(receiver.received.map(({ body }) => body.type)).toEqual(['WEBHOOK_TESTED']);
  await page.getByRole('button', { name: 'New secret', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Make the secret', exact: true }).press('Enter');
  const next = (await page.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  expect(next).not.toBe(secret);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'I have stored it', exact: true }).press('Enter');
  await page.getByText('Secret 2, made').waitFor();
  expect(await page.content()).not.toContain(next);
  expect(faults).toEqual([]);
});

test('console webhooks: what fails waits with the answer; it is paused, resumed, and removed', async () => {
  const { open, receiver, world } = await openWebhookConsole();
  const hostile = '<img src=x onerror="alert(1)">2026-99-99';
  const { id } = await world.webhook(receiver, { description: hostile });
  receiver.respondWith((response) => response.writeHead(500, hostile.replaceAll(/[^ -~]/g, '')).end(hostile));
  const { page, faults } = await open(`/webhooks/${id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await world.key();
  await world.settle();
  await page.getByText('Failing', { exact: true }).waitFor();
  await page.getByRole('heading', { name: /^Waiting: \d+$/ }).waitFor();
  await page.getByText('Failed 500', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill(hostile);
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await page.getByText(hostile, { exact: true }).last().waitFor();
  receiver.respondWith(204);
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume', exact: true }).click();
  await world.advance(HOUR_MS);
  await page.getByText('Active', { exact: true }).waitFor();
  await page.getByText('Delivered 204', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove for good', exact: true }).click();
  await page.getByText('Ended', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Pause', exact: true }).count()).toBe(0);
  expect(await page.locator('main img').count()).toBe(0);
  expect(faults).toEqual([]);
});

test.each(forms)('console webhooks: its pages are accessible (%s, %i px)', async (theme, width) => {
  const { open, receiver, world } = await openWebhookConsole();
  const { id } = await world.webhook(receiver, { description: 'the pager' });
  await world.key();
  await world.settle();
  receiver.respondWith(503);
  const key = await world.key();
  await world.hold(key);
  await world.settle();
  const { page, faults } = await open('/webhooks', { theme, width });
  await page.getByText('Failing', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `webhooks-${theme}-${width}`);
  await page.goto(`/webhooks/${id}`);
  await page.getByText('Failed 503', { exact: true }).first().waitFor();
  await expectAccessible(page);
  await keepPicture(page, `webhook-${theme}-${width}`);
  await page.goto('/webhooks/new');
  await page.getByRole('combobox', { name: 'Only these events', exact: true }).selectOption('all: Keys');
  await expectAccessible(page);
  await keepPicture(page, `webhook-new-${theme}-${width}`);
  expect(faults).toEqual([]);
});
