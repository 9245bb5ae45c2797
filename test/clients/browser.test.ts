import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openPage } from '../support/browser.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { logCursor, recordNumberedEvents } from '../support/issue.ts';
import { openSite, type SitePage } from '../support/site.ts';
import { socketUrl } from './library.ts';

const library = new URL('../../node_modules/graphql-ws/dist/', import.meta.url);

/** A page that follows events with graphql-ws and the settings of the guide, but for the time that they wait. */
const script = `
  import { createClient } from './client.js';
  const { token, after } = await (await fetch('/start')).json();
  const variables = { after };
  const client = createClient({
    url: async () => (await fetch('/gateway')).text(),
    connectionParams: { authorization: 'Bearer ' + token },
    shouldRetry: () => true,
    retryAttempts: Infinity,
    retryWait: () => new Promise((done) => setTimeout(done, 20)),
  });
  const query = 'subscription ($after: Cursor) { events(after: $after) { cursor data } }';
  const list = document.querySelector('ol');
  client.subscribe({ query, variables }, {
    next({ data, errors }) {
      if (errors) return;
      variables.after = data.events.cursor;
      if ('number' in data.events.data) list.append(Object.assign(document.createElement('li'), { textContent: data.events.data.number }));
    },
    error: (error) => list.append('ended: ' + (error.message ?? error.code)),
    complete: () => list.append('complete'),
  });
`;

test('browser: a page with graphql-ws and the settings of the guide outlives a gateway that restarts, without a gap', async () => {
  let node: Gateway;
  let start: object;
  let askedCount = 0;
  const text = (type: string, body: SitePage['body']): SitePage => ({ type, body });
  const files = readdirSync(library).filter((name) => name.endsWith('.js'));
  const site = await openSite({
    '/': text(
      'text/html',
      () => '<!doctype html><title>Events</title><ol></ol><script type="module" src="/page.js"></script>',
    ),
    '/page.js': text('text/javascript', () => script),
    '/start': text('application/json', () => JSON.stringify(start)),
    '/gateway': text('text/plain', () => {
      askedCount += 1;
      return socketUrl(node);
    }),
    ...Object.fromEntries(
      files.map((name) => [`/${name}`, text('text/javascript', () => readFileSync(new URL(name, library)))]),
    ),
  });
  const near = await openGateway({ allowedOrigins: [site] });
  const far = await openGateway({ allowedOrigins: [site], database: near.database, clock: near.clock });
  const token = await near.admin();
  [node, start] = [near, { token, after: await logCursor(near, token) }];

  const page = await openPage(site);
  const numbers = () =>
    page
      .locator('ol')
      .innerText()
      .then((all) => all.split(/\s+/).filter(Boolean));
  await recordNumberedEvents(far, {}, 1);
  await expect.poll(numbers).toEqual(['1']);
  await near.stop();
  await recordNumberedEvents(far, {}, 2);
  // It is refused for a while.
  const before = askedCount;
  await expect.poll(() => askedCount).toBeGreaterThan(before + 10);
  node = far;
  await expect.poll(numbers).toEqual(['1', '2']);
  await recordNumberedEvents(far, {}, 3);
  await expect.poll(numbers).toEqual(['1', '2', '3']);
});
