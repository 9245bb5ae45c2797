import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { codeBlocks, readGuide } from '../docs/read-guide.ts';
import { openLine } from '../support/database-line.ts';
import { startedDatabase } from '../support/database.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { startConfiguredProxy } from '../support/proxy.ts';

const guide = readGuide('proxies');

/** The configurations of the guide, each in as little as its proxy needs around them. */
const configure = (block: (language: string) => string) => ({
  nginx: (from: string, folder: string) => `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  proxy_cache_path ${folder}/cache keys_zone=cache:1m;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { listen ${from}; proxy_cache cache; proxy_cache_valid any 1m; ${block('nginx')} }
}
`,
  caddy: (from: string) =>
    `{\n  admin off\n  auto_https off\n}\nhttp://${from} {\n  route {\n${block('caddyfile')}  }\n}\n`,
  haproxy(from: string, folder: string, api: string) {
    writeFileSync(join(folder, 'keytide.lua'), block('lua'));
    return `global
  lua-load ${folder}/keytide.lua
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind ${from}
${block('haproxy')}  default_backend api
backend api
  server one ${api}
`;
  },
});

/** An API without code for keys. It responds with the headers that the proxy adds about the caller. */
async function openApi(): Promise<Server> {
  const api = createServer((request, response) => {
    const { 'x-keytide-key-id': key, 'x-keytide-owner': owner } = request.headers;
    response.end(JSON.stringify({ key, owner, method: request.method }));
  });
  await listen(api, '127.0.0.1', 0);
  onTestFinished(() => void api.close());
  return api;
}

test('forward auth: nginx, Caddy and HAProxy, configured as the guide says, let pass and refuse as Keytide answers', async () => {
  const line = await openLine(await startedDatabase());
  const auth = { headers: readSettings({}).authHeaders, trustedRealms: ['default'] };
  const gateway = await openGateway({ database: line.database, auth });
  const admin = await gateway.admin();
  const push = (resource: string) => ({ scopes: [{ action: 'package:push', resource }] });
  const { id, secret } = await issue(gateway, admin, push('packages/*'));
  const { secret: narrow } = await issue(gateway, admin, push('packages/Other'));
  const { id: heldId, secret: held } = await issue(gateway, admin, push('packages/*'));
  await mutate(gateway, admin, 'holdKey', { keyId: heldId, reason: 'test' });
  const verifies = [{ action: 'keytide:verify', resource: '**' }];
  const { secret: verifier } = await issue(gateway, admin, { name: 'the proxy', scopes: verifies });
  const { id: owner } = await gateway.prisma.account.findFirstOrThrow();
  const api = await openApi();
  const hosts: Record<string, string> = {
    '127.0.0.1:4000': new URL(gateway.url).host,
    '127.0.0.1:4001': `127.0.0.1:${String(await listen(gateway.node.trustedHttp!, '127.0.0.1', 0))}`,
    '127.0.0.1:8080': `127.0.0.1:${String((api.address() as AddressInfo).port)}`,
  };
  const configurations = configure((language) =>
    (codeBlocks(guide, language)[0] ?? '').replaceAll(/127\.0\.0\.1:(?:400[01]|8080)/g, (host) => hosts[host] ?? ''),
  );
  const urls: string[] = [];
  for (const program of ['nginx', 'caddy', 'haproxy'] as const) {
    urls.push(
      await startConfiguredProxy(
        program,
        (from, folder) => configurations[program](from, folder, hosts['127.0.0.1:8080'] ?? ''),
        {
          KEYTIDE_VERIFIER: verifier,
        },
      ),
    );
  }
  const ask = async (url: string, headers: Record<string, string>, method = 'GET') => {
    const response = await fetch(`${url}/upload?action=x`, {
      method,
      headers,
      ...(method === 'POST' && { body: 'a body' }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const status = async (url: string, given: string) => (await ask(url, { Authorization: `Bearer ${given}` })).status;
  for (const url of urls) {
    const forged = { 'X-Keytide-Key-Id': 'forged', 'X-Keytide-Verifier': 'kt_forged' };
    for (const sent of [{ Authorization: `Bearer ${secret}` }, { 'X-API-Key': secret }, { 'X-NuGet-ApiKey': secret }]) {
      const passed = await ask(url, { ...sent, ...forged }, 'POST');
      expect([url, passed.status, passed.text]).toEqual([url, 200, JSON.stringify({ key: id, owner, method: 'POST' })]);
    }
    const unknown = await ask(url, { Authorization: 'Bearer nobody' });
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="keytide", error="invalid_token", Basic realm="keytide"',
    ]);
    expect((await ask(url, {})).status).toBe(401);
    // In turn, so that a cached answer would show.
    for (let turn = 0; turn < 2; turn += 1) {
      expect([await status(url, secret), await status(url, narrow), await status(url, held)]).toEqual([200, 403, 403]);
    }
  }
  // Not in the node's memory yet, so that the node cannot know it.
  const { secret: unseen } = await issue(gateway, admin, push('packages/*'));
  line.cut();
  for (const url of urls) {
    const { status: unavailable, headers } = await ask(url, { Authorization: `Bearer ${unseen}` });
    expect([unavailable, headers.get('retry-after')]).toEqual([503, '1']);
  }
  line.mend();
  for (const url of urls) await expect.poll(() => status(url, unseen)).toBe(200);
});
