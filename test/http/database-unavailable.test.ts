import { expect, test } from 'vitest';
import { openLine } from '../support/database-line.ts';
import { startedDatabase } from '../support/database.ts';
import { openLeakWorld } from '../support/leak-world.ts';
import { newKey, signToken } from '../support/test-issuer.ts';

test('database unavailable: paths beside GraphQL answer 503 with Retry-After', async () => {
  const line = await openLine(await startedDatabase());
  const leaks = await openLeakWorld({ database: line.database });
  const { secret } = await leaks.world.key();
  const { url } = leaks.gateway;
  const iat = Math.floor(leaks.gateway.clock.now().getTime() / 1000);
  const claims = { iss: 'https://issuer.test', aud: 'keytide', sub: 'job', jti: 'one', iat, exp: iat + 300 };
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    subject_token: signToken(newKey('jobs', 'RS256'), claims),
  });
  const asked: Record<string, () => Promise<{ status: number; retryAfter: string | null }>> = {
    '/leaks/scanner': () => leaks.scan([{ token: secret, type: 'keytide' }]),
    '/leaks/github': () => leaks.report(leaks.record(secret)),
    '/verify': () =>
      ask(`${url}/verify`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ secret }),
      }),
    '/introspect': () =>
      ask(`${url}/introspect`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}` },
        body: new URLSearchParams({ token: secret }),
      }),
    '/token': () => ask(`${url}/token`, { method: 'POST', body }),
    '/device/code': () =>
      ask(`${url}/device/code`, { method: 'POST', body: new URLSearchParams({ client_id: 'keytide' }) }),
  };
  line.cut();
  for (const [path, send] of Object.entries(asked)) {
    expect(await send(), path).toMatchObject({ status: 503, retryAfter: '1' });
  }
  expect(leaks.gateway.logged.filter((entry) => entry.includes('"level":"error"'))).toEqual([]);
  line.mend();
  await expect
    .poll(async () => (await leaks.scan([{ token: secret, type: 'keytide' }])).labels)
    .toEqual(['true_positive']);
});

async function ask(url: string, request: RequestInit) {
  const { status, headers } = await fetch(url, request);
  return { status, retryAfter: headers.get('retry-after') };
}
