import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { consoleRoutes, consoleSegments } from '../../../src/http/console/console-routes.ts';
import { listen } from '../../../src/http/listen.ts';
import { systemRandom } from '../../../src/store/random.ts';
import { pageSegments } from '../../../src/console/routes.ts';
import { openConsoleGateway } from '../../support/console-world.ts';
import { sendBytes } from '../../support/http-server.ts';
import { readSent } from '../../support/read-sent.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

test('console: its pages are one document, with a new nonce each time and nothing from elsewhere', async () => {
  const { url } = await openConsoleGateway();
  const nonces = new Set<string>();
  for (const path of ['/', '/sign-in', '/keys', '/keys/', '/keys/key_01?x=1', '/keys/a/b']) {
    const response = await fetch(url + path);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')], path).toEqual([200, 'text/html; charset=utf-8']);
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([\w+/=]{24})'/.exec(policy)?.[1] ?? '';
    nonces.add(nonce);
    expect(policy.replaceAll(nonce, 'N').split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'nonce-N'",
      "style-src 'nonce-N'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(text).not.toContain('__NONCE__');
    for (const [, tag = ''] of text.matchAll(/<(script|style|link rel="stylesheet")[ >]/g)) {
      expect(text, tag).toMatch(new RegExp(`<${tag}[^>]* nonce="`));
    }
    for (const [, address = ''] of text.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(address).toMatch(/^\/assets\/[\w.-]+$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  }
  expect(nonces.size).toBe(6);
});

test('console: paths that are no page of it stay unknown, and its pages are those of its router', async () => {
  const { url } = await openConsoleGateway();
  for (const path of ['/key', '/keys.html', '/assets', '/assets/none.js', '/assets/../package.json', '/favicon.ico']) {
    const response = await fetch(url + path);
    expect([response.status, response.headers.get('content-type')], path).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  }
  expect(consoleSegments).toEqual(pageSegments);
  expect((await fetch(`${url}/keys`, { method: 'POST' })).status).toBe(405);
  // A scanner whose name is misspelled gets the list of paths, not the page of leaks.
  expect((await fetch(`${url}/leaks/none`, { method: 'POST', body: '[]' })).status).toBe(404);
  expect((await fetch(`${url}/leaks`)).status).toBe(200);
});

test('console: a browser gets its page at an address that has none, with 404; a program gets the list of paths', async () => {
  const { url } = await openConsoleGateway();
  const { port } = new URL(url);
  const send = (method: string, target: string, headers: string) =>
    sendBytes(Number(port), `${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
  const browser = 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n';
  for (const target of [
    '/kyes',
    '/keys.html',
    '/devicee?code=x',
    '//keys',
    '/leaks/none',
    '/%6beys',
    '/*',
    '/favicon.ico',
  ]) {
    const page = await send('GET', target, browser);
    expect(page, target).toMatch(/^HTTP\/1\.1 404 /);
    expect(page, target).toContain('Content-Type: text/html; charset=utf-8');
    expect(page, target).toMatch(/Content-Security-Policy: default-src 'none'; script-src 'nonce-/);
    for (const accept of ['', 'Accept: */*\r\n', 'Accept: application/json\r\n']) {
      const answer = await send('GET', target, accept);
      expect(answer, target + accept).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer, target + accept).toContain('application/problem+json');
      expect(answer.split('Not found. Paths: ')[1], target + accept).not.toMatch(/(?:^|, )\*[,.]/);
    }
  }
  const head = await send('HEAD', '/kyes', browser);
  expect(head).toMatch(/^HTTP\/1\.1 404 [^]*text\/html[^]*\r\n\r\n$/);
  // What a form or a script sends is no address that was typed; neither is a target that is not a path.
  expect(await send('POST', '/kyes', `${browser}Content-Length: 0\r\n`)).toContain('application/problem+json');
  expect(await send('GET', '*', browser)).toMatch(/^HTTP\/1\.1 400 /);
  expect(await send('GET', '/kyes', `${browser}Content-Type: text/plain; charset=latin1\r\n`)).toMatch(
    /^HTTP\/1\.1 415 /,
  );
  expect(await (await fetch(`${url}/metrics`)).text()).not.toMatch(/kyes|devicee/);
});

test('console: assets are cached forever, compressed by the build, and known again by their tag', async () => {
  const { url } = await openConsoleGateway();
  const page = await (await fetch(url)).text();
  const assets = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = '']) => url + path);
  expect(assets.length).toBeGreaterThan(2);
  for (const asset of assets) {
    const plain = await readSent(asset);
    const br = await readSent(asset, { 'Accept-Encoding': 'gzip, deflate, br, zstd' });
    const gzip = await readSent(asset, { 'Accept-Encoding': 'gzip, br;q=0' });
    expect(plain.response.headers['content-encoding']).toBeUndefined();
    expect([br, gzip].map(({ response }) => response.headers['content-encoding'])).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    const tags = [plain, br, gzip].map(({ response }) => String(response.headers.etag));
    expect(new Set(tags).size).toBe(3);
    for (const { response } of [plain, br, gzip]) {
      expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(response.headers.vary).toBe('Accept-Encoding');
      expect(response.headers['x-content-type-options']).toBe('nosniff');
    }
    const again = await readSent(asset, { 'Accept-Encoding': 'br', 'If-None-Match': `"other", W/${tags[1]}` });
    expect([again.response.statusCode, again.body.length]).toEqual([304, 0]);
  }
});

test('console: metrics have fixed names of its paths, without ids of keys', async () => {
  const { url } = await openConsoleGateway();
  await fetch(`${url}/keys/key_01h455vb4pex5vsknk084sn02q`);
  await fetch(`${url}/assets/none-4711.js`);
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('"/keys/*"');
  expect(text).toContain('"/assets/*"');
  expect(text).not.toMatch(/key_01h455|none-4711/);
});

test('console: not built, it says so in words with 503, and is served as soon as it is built', async () => {
  const folder = scratchFolder();
  const routes = new Map(consoleRoutes({ random: systemRandom, isReread: false, folder: pathToFileURL(`${folder}/`) }));
  const server = createServer((request, response) => {
    void routes.get(request.url ?? '')?.handle(request, response, {} as never);
  });
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${await listen(server, '127.0.0.1', 0)}`;
  const before = await fetch(`${url}/keys`);
  expect([before.status, await before.text()]).toEqual([503, expect.stringContaining('npm run build:console')]);
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p nonce="__NONCE__">built</p>');
  const after = await fetch(`${url}/keys`);
  expect([after.status, await after.text()]).toEqual([
    200,
    expect.stringMatching(/^<p nonce="[\w+/=]{24}">built<\/p>$/),
  ]);
});
