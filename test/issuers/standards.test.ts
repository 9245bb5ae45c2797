import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider, type JWK } from 'oidc-provider';
import * as client from 'openid-client';
import { expect, onTestFinished, test } from 'vitest';
import { AUDIENCE, ID_TOKEN, allowLocalIssuers, openIssuerWorld, TOKEN_EXCHANGE } from '../support/issuer-world.ts';
import { ManualClock } from '../support/clock.ts';

/** Opens an independent OpenID provider, which signs tokens for an audience that it knows as a client. */
async function openProvider(alg: 'RS256' | 'ES256') {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: 'job-key' } as JWK;
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: [alg] },
    clientDefaults: { id_token_signed_response_alg: alg },
    clients: [
      { client_id: AUDIENCE, token_endpoint_auth_method: 'none', redirect_uris: ['https://callback.example/'] },
    ],
    features: { devInteractions: { enabled: false } },
    ttl: { IdToken: 300 },
  });
  provider.on('server_error', (_context, error) => expect.unreachable(String(error)));
  server.on('request', provider.callback());
  const tokenOf = async (claims: Record<string, unknown>): Promise<string> => {
    const audience = await provider.Client.find(AUDIENCE);
    const token = new provider.IdToken({ sub: 'job:1' }, { client: audience, ctx: undefined } as never);
    for (const [name, value] of Object.entries(claims)) token.set(name, value);
    Object.assign(token, { scope: 'openid' });
    return token.issue({ use: 'idtoken' });
  };
  return { url: provider.issuer, port, tokenOf };
}

test.each(['RS256', 'ES256'] as const)(
  'standards: openid-client finds the token endpoint and exchanges a %s token of oidc-provider',
  async (alg) => {
    const provider = await openProvider(alg);
    let url = '';
    const tokens = await openIssuerWorld({
      clock: new ManualClock(new Date()),
      issuers: allowLocalIssuers(provider),
      publicUrl: () => url || 'https://keytide.test',
      trust: { url: provider.url },
    });
    ({ url } = tokens.gateway);
    const configuration = await client.discovery(new URL(url), 'a-job', undefined, client.None(), {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
    const subject_token = await provider.tokenOf({ jti: 'run-1', team: 'acme' });
    const asked = { subject_token, subject_token_type: ID_TOKEN };
    const answer = await client.genericGrantRequest(configuration, TOKEN_EXCHANGE, asked);
    expect(answer).toMatchObject({
      token_type: 'bearer',
      expires_in: 900,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    expect(await tokens.verify(answer.access_token)).toBe('VALID');
    await expect(client.genericGrantRequest(configuration, TOKEN_EXCHANGE, asked)).rejects.toMatchObject({
      status: 400,
      error: 'invalid_request',
      error_description: expect.stringContaining('already exchanged'),
    });
    await expect(client.clientCredentialsGrant(configuration)).rejects.toMatchObject({
      error: 'unsupported_grant_type',
    });
  },
);
