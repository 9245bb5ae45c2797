import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { docsRoutes } from '../../../src/http/docs-routes.ts';
import { listen } from '../../../src/http/listen.ts';
import { findSections, type SearchIndex } from '../../../src/site/client/find-sections.ts';
import { openGateway, type Gateway } from '../../support/gateway.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

let gateway: Gateway;
/** The address and the text of each page. */
const pages = new Map<string, string>();

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['src/site/build.ts'], { cwd: root });
  gateway = await openGateway();
  const open = ['/docs'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (pages.has(path)) continue;
    const { response, body } = await read(path);
    expect([response.statusCode, response.headers['content-type']], path).toEqual([200, 'text/html; charset=utf-8']);
    pages.set(path, body.toString());
    for (const href of linksOf(body.toString())) {
      const [target = ''] = href.split('#');
      if (target.startsWith('/docs') && !target.startsWith('/docs/assets/')) open.push(target);
    }
  }
});

afterAll(() => gateway.stop());

/** Reads a path exactly as it is given, and the response as it is sent: neither normalized nor decompressed. */
function read(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ response: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    httpRequest({ hostname, port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ response, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

function linksOf(page: string): string[] {
  return [...page.matchAll(/ (?:href|src|data-index)="([^"]*)"/g)].map(([, address = '']) => address);
}

test('docs: each Markdown file of docs/ is a page that the navigation or another page leads to', () => {
  const expected = globSync('docs/**/*.md', { cwd: root }).map((path) => `/${path.replace(/(?:\/README)?\.md$/, '')}`);
  expect(expected.length).toBeGreaterThan(90);
  expect([...pages.keys()]).toEqual(expect.arrayContaining(expected));
});

test('docs: no link of a page is broken, not even to a heading, and what a page loads is its own', async () => {
  const broken: string[] = [];
  const assets = new Set<string>();
  for (const [path, page] of pages) {
    for (const href of linksOf(page)) {
      if (/^https?:/.test(href) || href === '/') continue;
      const [target = '', anchor] = href.split('#');
      const address = target === '' ? path : target;
      if (address.startsWith('/docs/assets/')) assets.add(address);
      else if (!pages.has(address)) broken.push(`${path}: ${href}`);
      else if (anchor !== undefined && !pages.get(address)?.includes(` id="${anchor}"`))
        broken.push(`${path}: ${href}`);
    }
    for (const [tag, source = ''] of page.matchAll(/<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"/g)) {
      expect(source, tag).toMatch(/^\/docs\/assets\/[\w.-]+-[A-Za-z0-9]{8}\.(?:js|css|svg)$/);
    }
    expect(page).not.toMatch(/<style|<script(?! type="module" src)| style="| on\w+="/);
  }
  expect(broken).toEqual([]);
  for (const asset of assets) expect((await read(asset)).response.statusCode, asset).toBe(200);
});

test('docs: each name of the schema is described once, a mutation with its input and its failures', () => {
  const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
  const reference = [...pages].filter(([path]) => path.startsWith('/docs/schema/')).map(([, page]) => page);
  const headings = reference.flatMap((page) => [...page.matchAll(/<h2 id="[^"]*">([^<]*)</g)].map(([, name]) => name));
  const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  expect(fields.length).toBeGreaterThan(80);
  expect(headings).toEqual(expect.arrayContaining(fields));
  // `events` is a query and a subscription.
  expect(headings.filter((name, index) => headings.indexOf(name) !== index)).toEqual(['events']);
  const described = reference.join('\n');
  const missing = Object.keys(schema.getTypeMap()).filter(
    (name) =>
      !/^__|^(?:Query|Mutation|Subscription|Boolean|Float|Int|String|ID)$/.test(name) &&
      !described.includes(`>${name}<`),
  );
  expect(missing.filter((name) => !name.endsWith('Result'))).toEqual([]);
  const mutations = pages.get('/docs/schema/mutations') ?? '';
  const [issueKey = ''] = /<h2 id="issuekey">[^]*?(?=<h2)/.exec(mutations) ?? [];
  expect(issueKey).toContain('<td><code>allowedAddresses</code></td>');
  expect(issueKey).toContain('href="/docs/errors/EXPIRY_OUT_OF_BOUNDS"');
  expect(pages.get('/docs')).toContain('href="/docs/schema"');
});

test('docs: links to sources of the repository are text, because the package names no repository', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).not.toHaveProperty('repository');
  for (const [path, page] of pages) expect(page, path).not.toMatch(/href="(?:\.|src\/|\/docs\/[^"]*\.(?:ts|md)")/);
  expect(pages.get('/docs/glossary')).toContain('<td>src/domain/scope.ts</td>');
});

test('docs: a page has a strict policy, is asked for again by its tag, and has one address', async () => {
  const plain = await read('/docs/guides/verify');
  expect(plain.response.headers).toMatchObject({
    'content-security-policy': policy,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    vary: 'Accept-Encoding',
  });
  expect(plain.response.headers['set-cookie']).toBeUndefined();
  const again = await read('/docs/guides/verify', { 'If-None-Match': `"x", W/${String(plain.response.headers.etag)}` });
  expect([again.response.statusCode, again.body.length]).toEqual([304, 0]);
  const head = await read('/docs/guides/verify', {}, 'HEAD');
  expect([head.response.statusCode, head.response.headers['content-length'], head.body.length]).toEqual([
    200,
    String(plain.body.length),
    0,
  ]);
  for (const other of ['/docs/guides/verify.md', '/docs/guides/verify/']) {
    const { response } = await read(other);
    expect([response.statusCode, response.headers.location], other).toEqual([308, '/docs/guides/verify']);
  }
  expect((await read('/docs/')).response.headers.location).toBe('/docs');
  expect((await read('/docs', {}, 'POST')).response.statusCode).toBe(405);
});

test('docs: what pages load is cached forever and compressed by the build', async () => {
  const page = pages.get('/docs') ?? '';
  const assets = linksOf(page).filter((address) => address.startsWith('/docs/assets/'));
  expect(assets.length).toBe(4);
  for (const asset of assets.filter((address) => !address.includes('icon'))) {
    const plain = await read(asset);
    const br = await read(asset, { 'Accept-Encoding': 'gzip, deflate, br, zstd' });
    const gzip = await read(asset, { 'Accept-Encoding': 'gzip, br;q=0' });
    expect([plain, br, gzip].map(({ response }) => response.headers['content-encoding'])).toEqual([
      undefined,
      'br',
      'gzip',
    ]);
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    expect(new Set([plain, br, gzip].map(({ response }) => response.headers.etag)).size).toBe(3);
    expect(br.response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(br.response.headers['content-security-policy']).toContain('sandbox');
  }
});

test('docs: no path leads out of the site, and a page that does not exist is not found in words', async () => {
  const paths = [
    '/docs/none',
    '/docs/not-found',
    '/docs/../package.json',
    '/docs/../../package.json',
    '/docs/assets/../index.html',
    '/docs/assets/../../../package.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/guides/verify.html',
    '/docs/guides',
    '/docs/guides/',
    '/docs//evil.example/',
    '/docs/assets',
    '/docs/assets/',
    '/docs/assets/none.js',
    `/docs/${'a'.repeat(3000)}`,
  ];
  for (const path of paths) expect((await read(path)).response.statusCode, path).toBe(404);
  const { response, body } = await read('/docs/none', { 'Accept-Encoding': 'br' });
  expect(response.headers['content-security-policy']).toBe(policy);
  expect(response.headers.etag).toBeUndefined();
  expect(brotliDecompressSync(body).toString()).toContain('The documents have no page at this address.');
});

test('docs: metrics have fixed names of its paths', async () => {
  await read('/docs/none-4711');
  const text = (await read('/metrics')).body.toString();
  expect(text).toContain('"/docs"');
  expect(text).toContain('"/docs/*"');
  expect(text).not.toContain('none-4711');
});

test('docs: a page with all that it loads is at most 40 kB, and the index of the search at most 160 kB', async () => {
  const size = async (path: string) => (await read(path, { 'Accept-Encoding': 'br' })).body.length;
  const [, script = ''] = / src="([^"]*\.js)"/.exec(pages.get('/docs') ?? '') ?? [];
  const [, style = ''] = / href="([^"]*\.css)"/.exec(pages.get('/docs') ?? '') ?? [];
  const shared = (await size(script)) + (await size(style));
  expect(shared).toBeLessThan(8_000);
  const sizes = await Promise.all([...pages.keys()].map(size));
  expect(Math.max(...sizes) + shared).toBeLessThan(40_000);
  expect(await size(indexAddress())).toBeLessThan(160_000);
});

function indexAddress(): string {
  return / data-index="([^"]*)"/.exec(pages.get('/docs') ?? '')?.[1] ?? '';
}

test.each([
  ['verify', '/docs/guides/verify'],
  ['webhook', '/docs/guides/webhooks'],
  ['sealing key', '/docs/glossary'],
  ['KEYTIDE_SEALING_KEY', '/docs/settings'],
  ['rotation stalled', '/docs/events'],
  ['github actions', '/docs/guides/workflows-github'],
  ['backup restore', '/docs/guides/backup'],
  ['KEY_EXPIRED', '/docs/errors/KEY_EXPIRED'],
  ['rotation pending', '/docs/errors/ROTATION_PENDING'],
  ['exit status 75', '/docs/errors/exit-status'],
  ['grace perio', '/docs/glossary'],
])('docs: the search for “%s” finds %s among its first results', async (query, address) => {
  const found = findSections(await readIndex(), query);
  expect(found.slice(0, 5).map((section) => section.address.split('#')[0])).toContain(address);
});

test('docs: the search finds nothing for what is not there, and needs every word', async () => {
  const index = await readIndex();
  expect(findSections(index, 'zeppelin')).toEqual([]);
  expect(findSections(index, 'webhook zeppelin')).toEqual([]);
  expect(findSections(index, ' .*( ')).toEqual([]);
  expect(findSections(index, 'e').length).toBe(12);
  for (const { address } of findSections(index, 'key')) {
    const [path = '', anchor] = address.split('#');
    expect(pages.get(path), address).toContain(anchor === undefined ? '<h1' : ` id="${anchor}"`);
  }
});

test('docs: a search takes a few milliseconds', async () => {
  const index = await readIndex();
  const times = ['k', 'key', 'rotate the secret of a key', 'sealing key backup', 's e c r e t'].map((query) => {
    const runs = Array.from({ length: 21 }, () => {
      const from = performance.now();
      findSections(index, query);
      return performance.now() - from;
    });
    return runs.sort((one, other) => one - other)[10] ?? 0;
  });
  expect(Math.max(...times)).toBeLessThan(20);
});

async function readIndex(): Promise<SearchIndex> {
  return JSON.parse((await read(indexAddress())).body.toString()) as SearchIndex;
}

test('docs: not built, they say so in words with 503, and are served as soon as they are built', async () => {
  const folder = join(scratchFolder(), 'built');
  const routes = new Map(docsRoutes({ isReread: false, folder: pathToFileURL(`${folder}/`) }));
  const server = createServer((request, response) => {
    void routes.get('/docs')?.handle(request, response, {} as never);
  });
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${await listen(server, '127.0.0.1', 0)}/docs`;
  const before = await fetch(url);
  expect([before.status, await before.text()]).toEqual([503, expect.stringContaining('npm run build:docs')]);
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), 'built');
  const after = await fetch(url);
  expect([after.status, await after.text()]).toEqual([200, 'built']);
});
