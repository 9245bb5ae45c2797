import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/duration.ts';
import { GithubSigner, listOf, openLeakWorld } from '../../support/leak-world.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A server that stands for GitHub's, and counts how often it is asked. */
async function openPublisher(first: string) {
  const answer = (response: ServerResponse): void => void response.end(first);
  const publisher = { url: '', asked: 0, answer };
  const server = createServer((_request, response) => {
    publisher.asked += 1;
    publisher.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  publisher.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  return publisher;
}

async function openFetching(first: string) {
  const publisher = await openPublisher(first);
  const leaks = await openLeakWorld({ leaks: { githubKeys: { url: publisher.url }, sources: [] } });
  const statusOf = async (signer: GithubSigner) =>
    (await leaks.send('/leaks/github', '[]', signer.headers('[]'))).status;
  return { publisher, leaks, statusOf, clock: leaks.gateway.clock };
}

test('leaks: GitHub’s keys are fetched at the first report and cached for an hour', async () => {
  const signer = new GithubSigner();
  const { publisher, statusOf, clock } = await openFetching(listOf(signer));
  expect(publisher.asked).toBe(0);
  expect(await Promise.all([1, 2, 3].map(() => statusOf(signer)))).toEqual([200, 200, 200]);
  expect(publisher.asked).toBe(1);
  clock.advance(HOUR_MS - 1);
  expect([await statusOf(signer), publisher.asked]).toEqual([200, 1]);
  clock.advance(1);
  expect(await statusOf(signer)).toBe(200);
  await waitFor(() => expect(publisher.asked).toBe(2));
});

test('leaks: a report with a known key identifier does not wait for GitHub', async () => {
  const [signer, stranger] = [new GithubSigner(), new GithubSigner()];
  const { publisher, statusOf, clock } = await openFetching(listOf(signer));
  expect(await statusOf(signer)).toBe(200);
  const asked = Promise.withResolvers<ServerResponse>();
  publisher.answer = asked.resolve;
  clock.advance(5 * MINUTE_MS);
  const unknown = statusOf(stranger);
  const response = await asked.promise;
  expect(await statusOf(signer)).toBe(200);
  response.end(listOf(signer));
  expect(await unknown).toBe(400);

  // The same when the list is due to be fetched anew.
  const askedAnew = Promise.withResolvers<ServerResponse>();
  publisher.answer = askedAnew.resolve;
  clock.advance(HOUR_MS);
  expect(await statusOf(signer)).toBe(200);
  (await askedAnew.promise).end(listOf(stranger));
  await waitFor(async () => expect(await statusOf(stranger)).toBe(200));
  expect(publisher.asked).toBe(3);
});

test('leaks: a new key is found after the cooldown, and unknown identifiers do not cause a fetch each', async () => {
  const [old, next] = [new GithubSigner(), new GithubSigner()];
  const { publisher, leaks, statusOf, clock } = await openFetching(listOf(old));
  const { send } = leaks;
  expect(await statusOf(old)).toBe(200);
  publisher.answer = (response) => void response.end(listOf(next));
  const early = await send('/leaks/github', '[]', next.headers('[]'));
  expect([early.status, early.retryAfter]).toEqual([503, '300']);
  for (let count = 0; count < 10; count += 1) expect(await statusOf(next)).toBe(503);
  expect(publisher.asked).toBe(1);
  clock.advance(5 * MINUTE_MS);
  expect([await statusOf(next), publisher.asked]).toEqual([200, 2]);
  clock.advance(5 * MINUTE_MS);
  expect([await statusOf(old), publisher.asked]).toEqual([400, 3]);
});

test('leaks: if GitHub’s keys cannot be fetched, the last ones are used for a day, then reports get 503', async () => {
  const signer = new GithubSigner();
  const { publisher, leaks, statusOf, clock } = await openFetching(listOf(signer));
  expect(await statusOf(signer)).toBe(200);
  publisher.answer = (response) => void response.writeHead(500).end();
  clock.advance(DAY_MS - 1);
  expect(await statusOf(signer)).toBe(200);
  clock.advance(1);
  expect(await statusOf(signer)).toBe(503);
  expect(leaks.gateway.logged.join('')).toContain('fetching the GitHub signing keys failed');
  publisher.answer = (response) => void response.end(listOf(signer));
  clock.advance(10_000);
  expect(await statusOf(signer)).toBe(200);
});

test('leaks: a list of keys is refused if it redirects, never ends or is malformed', async () => {
  const signer = new GithubSigner();
  const elsewhere = await openPublisher(listOf(signer));
  const { publisher, statusOf, clock } = await openFetching('');
  const bad: ((response: ServerResponse) => void)[] = [
    (response) => void response.writeHead(302, { location: elsewhere.url }).end(),
    (response) => void response.end(`${listOf(signer)}${' '.repeat(64_000)}`),
    (response) => void response.end('<html>'),
    (response) => void response.end('null'),
    (response) => void response.end('{"public_keys":{}}'),
    (response) => void response.end('{"public_keys":[null,{"key_identifier":"a","key":"b","is_current":true}]}'),
    (response) => void response.end(JSON.stringify({ public_keys: [signer.entry(false)] })),
    (response) => void response.destroy(),
  ];
  for (const answer of bad) {
    publisher.answer = answer;
    clock.advance(10_000);
    expect(await statusOf(signer), String(answer)).toBe(503);
  }
  expect([publisher.asked, elsewhere.asked]).toEqual([bad.length, 0]);
});
