import { readdirSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readSent } from '../../support/read-sent.ts';
import { openConsoleGateway } from '../../support/console-world.ts';

/** How large the script may be as it is sent: what a page of another site pays for the element. React takes 58 kB of it. */
const BUDGET = 88_000;

const built = new URL('../../../src/console/built/portal/', import.meta.url);

test('portal page: the element is one script that any site may load, known again by its tag, below its budget', async () => {
  const { url } = await openConsoleGateway();
  const path = `${url}/portal/keytide-keys.js`;
  const { response, body } = await readSent(path, { 'Accept-Encoding': 'br', Origin: 'https://app.example' });
  expect(response.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-encoding': 'br',
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  });
  const script = brotliDecompressSync(body).toString();
  expect(script).toContain('keytide-keys');
  // It loads nothing else, and makes no code of texts.
  expect(script).not.toMatch(/\bimport\(|\bnew Function\(|\beval\(|__VITE/);
  expect(readdirSync(built).toSorted()).toEqual(['keytide-keys.js', 'keytide-keys.js.br', 'keytide-keys.js.gz']);
  expect(body.length).toBeLessThan(BUDGET);
  const again = await readSent(path, { 'Accept-Encoding': 'br', 'If-None-Match': String(response.headers.etag) });
  expect([again.response.statusCode, again.body.length]).toEqual([304, 0]);
  expect(again.response.headers['cross-origin-resource-policy']).toBe('cross-origin');
});

test('portal page: the page to link to loads this script alone, is stored nowhere and is shown in no frame', async () => {
  const { url } = await openConsoleGateway();
  const response = await fetch(`${url}/my-keys`);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  const policy = response.headers.get('content-security-policy')?.split('; ') ?? [];
  expect(policy).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    expect.stringMatching(/^style-src 'sha256-[\w+/=]{44}'$/),
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
  expect([...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual([
    '/portal/keytide-keys.js',
  ]);
  expect((await fetch(`${url}/my-keys`, { method: 'POST' })).status).toBe(405);
});
