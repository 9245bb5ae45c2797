import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express, { type Request } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { Hono, type Context } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { expressGuard, fastifyGuard, honoGuard } from '../../src/verifier/middleware.ts';
import { openVerifier, type Verifier, type VerifierAnswer } from '../../src/verifier/verifier.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';

/** An API behind the guard of a framework: /<resource> is served to keys that may push it, with the id of the key. */
interface Api {
  readonly name: string;
  readonly start: (verifier: Verifier) => Promise<{ readonly port: number; readonly stop: () => unknown }>;
}

/** What the guards of Express and Fastify set. */
type Guarded<Own> = Own & { keytide?: VerifierAnswer };

interface HonoEnv {
  readonly Variables: { keytide: VerifierAnswer };
}

const purposeOf = (path: string) => ({ action: 'package:push', resource: path.slice(1) });

const apis: readonly Api[] = [
  {
    name: 'Express',
    async start(verifier) {
      const app = express();
      app.use(expressGuard(verifier, (request: Guarded<Request>) => purposeOf(request.path)));
      app.get('/*resource', (request: Guarded<Request>, response) => {
        response.send(request.keytide?.key?.id);
      });
      const server = createServer(app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
    },
  },
  {
    name: 'Fastify',
    async start(verifier) {
      const app = fastify();
      app.addHook(
        'onRequest',
        fastifyGuard(verifier, (request: Guarded<FastifyRequest>) => purposeOf(request.url)),
      );
      app.get('/*', async (request: Guarded<FastifyRequest>) => request.keytide?.key?.id);
      await app.listen({ port: 0, host: '127.0.0.1' });
      return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
    },
  },
  {
    name: 'Hono',
    async start(verifier) {
      const app = new Hono<HonoEnv>();
      app.use(honoGuard(verifier, (context: Context<HonoEnv>) => purposeOf(context.req.path)));
      app.get('/*', (context) => context.text(context.get('keytide').key?.id ?? ''));
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
      await once(server, 'listening');
      return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
    },
  },
];

test.each(apis)(
  'verifier: behind $name, a good key is served, and all others get the status of the reason',
  async (api) => {
    const gateway = await openGateway();
    const admin = await gateway.admin();
    const scopes = ['keytide:follow', 'keytide:verify'].map((action) => ({ action, resource: '**' }));
    const own = await issue(gateway, admin, { name: 'the API', scopes });
    const good = await issue(gateway, admin);
    const revoked = await issue(gateway, admin);
    await mutate(gateway, admin, 'revokeKey', { keyId: revoked.id, reason: 'test' });
    const nowMs = () => gateway.clock.now().getTime();
    const clocks = { monotonicMs: nowMs, wallMs: nowMs };
    const verifier = openVerifier({ url: gateway.url, credential: () => own.secret, clocks });
    onTestFinished(() => verifier.close());
    await verifier.ready;
    const { port, stop } = await api.start(verifier);
    onTestFinished(async () => void (await stop()));

    const ask = async (secret: string | null, resource: string) => {
      const headers: Record<string, string> = secret === null ? {} : { Authorization: `Bearer ${secret}` };
      const response = await fetch(`http://127.0.0.1:${port}/${resource}`, { headers });
      const text = await response.text();
      const type = response.headers.get('content-type');
      if (response.status !== 200) {
        expect(type).toMatch(/^application\/problem\+json/);
        expect(JSON.parse(text)).toMatchObject({ status: response.status });
      }
      return [response.status, response.status === 200 ? text : response.headers.get('www-authenticate')];
    };
    expect(await ask(good.secret, 'Acme.Core')).toEqual([200, good.id]);
    expect(await ask(null, 'Acme.Core')).toEqual([401, 'Bearer']);
    const invalid = [401, 'Bearer error="invalid_token"'];
    expect(await ask(revoked.secret, 'Acme.Core')).toEqual(invalid);
    expect(await ask(newSecret(systemRandom).reveal(), 'Acme.Core')).toEqual(invalid);
    expect(await ask(good.secret, 'Other.Core')).toEqual([403, 'Bearer error="insufficient_scope"']);
    await gateway.stop();
    expect(await ask(good.secret, 'Acme.Core')).toEqual([200, good.id]);
    gateway.clock.advance(60_000);
    expect(await ask(good.secret, 'Acme.Core')).toEqual([503, null]);
  },
);
