import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../support/clock.ts';
import { openReceiver } from '../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld } from '../support/webhook-world.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const guide = readGuide('webhooks');

/** A block as the module that it is, where it finds the packages that it imports. */
async function load(block: string, name: string): Promise<Record<string, (...args: any[]) => unknown>> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache', `guide-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, block);
  return import(path);
}

test('webhooks guide: what it makes is received and verified by the code that it shows', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]), { clock: new ManualClock(new Date()) });
  const [make = ''] = codeBlocks(guide, 'graphql');
  const query = make.replace('https://hooks.example.com/keytide', receiver.url).replace('KEY_EXPIRING', 'KEY_HELD');
  const { data } = await world.gateway.ask(query, {}, world.olga.token);
  const { secret, webhook } = data['createWebhook'];
  await world.hold(await world.key());
  await world.settle();
  const [{ headers, text }] = receiver.received as [(typeof receiver.received)[0]];
  const [library = '', plain = ''] = codeBlocks(guide, 'js');
  const { receive } = await load(library, 'receive');
  const { isGenuine } = await load(plain, 'is-genuine');
  expect(receive!(secret, headers, text)).toMatchObject({ type: 'KEY_HELD' });
  expect(isGenuine!(webhook.secrets[0].publicKey, headers, text)).toBe(true);
  expect(isGenuine!(webhook.secrets[0].publicKey, headers, `${text} `)).toBe(false);
});
