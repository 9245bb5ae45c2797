import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { keepPicture } from '../support/browser.ts';
import { allowSites, openBackend } from '../support/customer-site.ts';
import { MARKUP, openHostileWorld } from '../support/hostile-world.ts';
import { createPortalSession } from '../support/portal.ts';

// What the functions find that run in the page.
declare const document: any;
declare const window: any;
declare const NodeFilter: any;

type HostileWorld = Awaited<ReturnType<typeof openHostileWorld>>;

/** The addresses of each page of the console in a world of hostile texts. A page without such a text stands in `plainPages`. */
const addresses: Readonly<Record<string, (world: HostileWorld) => readonly string[]>> = {
  HomePage: () => ['/'],
  TimelinePage: () => ['/timeline'],
  KeyListPage: () => ['/keys'],
  RulesPage: () => ['/rules'],
  ProvidersPage: () => ['/rules/issuers'],
  RulePage: ({ ids }) => [`/rules/${ids.rule}`],
  RuleFormPage: ({ ids }) => [`/rules/${ids.rule}/change`],
  TokenTestPage: () => ['/rules/test'],
  LeaksPage: () => ['/leaks'],
  WebhooksPage: () => ['/webhooks'],
  WebhookPage: ({ ids }) => [`/webhooks/${ids.webhook}`],
  WebhookFormPage: ({ ids }) => [`/webhooks/${ids.webhook}/change`],
  EventsPage: () => ['/events'],
  IssuePage: () => ['/keys/new'],
  KeyPage: ({ ids }) => [`/keys/${ids.key}`],
  PoliciesPage: ({ ids }) => [
    '/policies',
    '/policies/modules/hostile',
    '/policies/modules/hostile/bind',
    `/policies/bindings/${ids.binding}`,
    `/policies/bindings/${ids.binding}/change`,
  ],
  RealmListPage: () => ['/realms'],
  NewRealmPage: () => ['/realms/new'],
  RealmPage: () => ['/realms/default'],
  OrganizationListPage: () => ['/organizations'],
  OrganizationPage: ({ ids }) => [`/organizations/${ids.owner}`],
  PeoplePage: () => ['/people'],
  PersonPage: ({ ids }) => [`/people/${ids.guest}`],
  InvitationPage: ({ invitation }) => [`/invitation#${invitation}`],
  OperationListPage: () => ['/operations'],
  OperationPage: ({ operationId }) => [`/operations/${operationId}`],
  RolloutListPage: () => ['/rollouts'],
  RolloutPage: ({ rolloutId }) => [`/rollouts/${rolloutId}`],
  ProposePage: ({ ids }) => ['/rollouts/new?policy=hostile', `/rollouts/new?binding=${ids.binding}`],
  GatewayPage: () => ['/settings/gateway'],
  SettingsPage: () => ['/settings'],
};

/** The pages whose own content has no text that somebody chose. */
const plainPages = ['InvitationPage', 'NewRealmPage', 'TokenTestPage', 'GatewayPage'];

test('console hostile texts: each page that the console has is among those that are tried', () => {
  const source = readFileSync(new URL('../../src/console/pages/page-of.tsx', import.meta.url), 'utf8');
  const pages = [...source.matchAll(/const (\w+) = lazy\(/g)].map(([, name]) => name);
  expect(pages.length).toBeGreaterThan(20);
  expect(Object.keys(addresses).toSorted()).toEqual(pages.toSorted());
});

/** What a hostile text has done to the page as it is. */
const findHarm = (page: Page) =>
  page.evaluate(() => {
    // The element of customers has its texts in a tree of its own.
    const root = document.querySelector('keytide-keys')?.shadowRoot ?? document.body;
    const injected = root.querySelectorAll('img, iframe, object, embed, [onerror], script:not([src])');
    const override = /[\u202a-\u202e\u2066-\u2069]/;
    // Another text that is written from right to left: its last letter stands before its first.
    const turned: string[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      const node = walker.currentNode;
      const [word = ''] = /[a-z]{3,}/i.exec(node.data) ?? [];
      if (word === '' || override.test(node.data)) continue;
      const at = node.data.indexOf(word);
      const boxOf = (offset: number) => {
        const range = document.createRange();
        range.setStart(node, offset);
        range.setEnd(node, offset + 1);
        return range.getBoundingClientRect();
      };
      const [first, last] = [boxOf(at), boxOf(at + word.length - 1)];
      if (first.width > 0 && last.width > 0 && first.top === last.top && last.left < first.left) turned.push(node.data);
    }
    return {
      injected: [...injected].map(({ outerHTML }: any) => outerHTML),
      turned,
      overflow: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    };
  });

/** Whether the page itself, not what surrounds it, shows a hostile text: as text, or in a field. */
const hasHostileText = (page: Page) =>
  page.evaluate((markup) => {
    const main = document.querySelector('main');
    const fields = [...main.querySelectorAll('input, textarea')].map(({ value }: any) => value as string);
    return [main.textContent as string, ...fields].some((text) => text.includes(markup));
  }, MARKUP);

const harmless = { injected: [], turned: [], overflow: 0 };

test('console hostile texts: on every page they are text, never markup, turn no other text around, and make no page wider than its window', async () => {
  const world = await openHostileWorld();
  const { page, faults } = await world.open('/');
  const found: string[] = [];
  for (const [name, addressesIn] of Object.entries(addresses)) {
    for (const path of addressesIn(world)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (!plainPages.includes(name)) await expect.poll(() => hasHostileText(page), { message: path }).toBe(true);
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const harm = await findHarm(page);
        if (JSON.stringify(harm) !== JSON.stringify(harmless)) found.push(`${path} ${width}: ${JSON.stringify(harm)}`);
      }
      await keepPicture(page, `hostile-${name}-${String(path.split('/').length)}`);
    }
  }
  expect(found).toEqual([]);
  expect(faults).toEqual([]);
});

test('my keys hostile texts: in the element of customers they are text too, and make no page wider than its window', async () => {
  const { gateway, customer, open } = await openHostileWorld();
  const backend = await openBackend(gateway, [customer]);
  await allowSites(gateway, [gateway.url], [{ action: 'package:push', resource: 'Acme.*' }]);
  const { url } = await createPortalSession(gateway, backend, customer, { page: `${gateway.url}/my-keys` });
  const { page, faults } = await open(url ?? '', { credentials: null, width: 320 });
  const found: unknown[] = [];
  const look = async (name: string) => {
    found.push(await findHarm(page));
    await keepPicture(page, `hostile-my-keys-${name}`);
  };
  await page.getByText(MARKUP).first().waitFor();
  await look('list');
  await page.getByRole('listitem').getByRole('button').first().click();
  await page.getByRole('heading', { name: 'History', exact: true }).waitFor();
  await look('key');
  expect(found).toEqual([harmless, harmless]);
  expect(faults).toEqual([]);
});
