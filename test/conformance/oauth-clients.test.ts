import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { expect, onTestFinished, test } from 'vitest';
import { openDecisionPage, postForm } from '../support/device-world.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { AUDIENCE, ID_TOKEN, openIssuerWorld, TOKEN_EXCHANGE } from '../support/issuer-world.ts';

const INSECURE = { [oauth.allowInsecureRequests]: true };
const VIEWER = '{ viewer { __typename } }';

/** Returns settings of a gateway whose public URL is its own address, with a path after it. */
function publicAt(path = '') {
  let address = 'http://127.0.0.1:1';
  return {
    publicUrl: () => `${address}${path}`,
    setAddress: (url: string) => (address = url),
  };
}

/** Confirms a device as the administrator, on its page. */
async function confirm(gateway: Gateway, userCode: string): Promise<void> {
  const { proof } = await openDecisionPage(gateway, userCode);
  expect((await postForm(gateway, '/device', { proof, decision: 'confirm' })).status).toBe(200);
}

test('oauth: openid-client finds the device flow by discovery, and signs in through the one token endpoint', async () => {
  const { publicUrl, setAddress } = publicAt();
  const gateway = await openGateway({ publicUrl });
  setAddress(gateway.url);
  const config = await client.discovery(new URL(gateway.url), 'keytide', undefined, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
  expect(config.serverMetadata().grant_types_supported).toContain('urn:ietf:params:oauth:grant-type:device_code');
  const codes = await client.initiateDeviceAuthorization(config, {});
  await confirm(gateway, codes.user_code);
  const polled = await client.pollDeviceAuthorizationGrant(config, { ...codes, interval: 0.01 });
  expect((await gateway.ask(VIEWER, {}, polled.access_token)).data).toEqual({ viewer: { __typename: 'Account' } });
  expect(config.serverMetadata().token_endpoint).toBe(`${gateway.url}/token`);
});

test('oauth: oauth4webapi finds the device flow by discovery, and reads each answer of it', async () => {
  const { publicUrl, setAddress } = publicAt();
  const gateway = await openGateway({ publicUrl });
  setAddress(gateway.url);
  const issuer = new URL(gateway.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const program = { client_id: 'keytide' };
  const begun = await oauth.deviceAuthorizationRequest(server, program, oauth.None(), new URLSearchParams(), INSECURE);
  const codes = await oauth.processDeviceAuthorizationResponse(server, program, begun);
  const poll = async () => {
    const response = await oauth.deviceCodeGrantRequest(server, program, oauth.None(), codes.device_code, INSECURE);
    expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    return oauth.processDeviceCodeResponse(server, program, response);
  };
  await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending', status: 400 });
  await confirm(gateway, codes.user_code);
  expect((await poll()).token_type).toBe('bearer');
  await expect(poll()).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('oauth: oauth4webapi exchanges the token of a job at the same endpoint; /device/token still answers polls', async () => {
  const { publicUrl, setAddress } = publicAt();
  const { gateway, token, verify } = await openIssuerWorld({ publicUrl, trust: { audience: AUDIENCE } });
  setAddress(gateway.url);
  const issuer = new URL(gateway.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const program = { client_id: 'job' };
  const fields = { subject_token: token(), subject_token_type: ID_TOKEN };
  const response = await oauth.genericTokenEndpointRequest(
    server,
    program,
    oauth.None(),
    TOKEN_EXCHANGE,
    new URLSearchParams(fields),
    INSECURE,
  );
  const { access_token: secret } = await oauth.processGenericTokenEndpointResponse(server, program, response);
  expect(await verify(secret)).toBe('VALID');
  const { json } = await postForm(gateway, '/device/code', { client_id: 'keytide' });
  await confirm(gateway, json.user_code);
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'keytide' };
  const polled = await postForm(gateway, '/device/token', { ...grant, device_code: json.device_code });
  expect([polled.status, polled.json.token_type]).toEqual([200, 'Bearer']);
});

test('oauth: the metadata of a public URL with a path is where RFC 8414 places it, behind a proxy for that path', async () => {
  const { publicUrl, setAddress } = publicAt('/keys/eu');
  const gateway = await openGateway({ publicUrl });
  const paths: string[] = [];
  // Passes /keys/eu/… on without the path, and everything else as it is.
  const proxy = createServer((request, response) => {
    paths.push(request.url ?? '');
    void fetch(`${gateway.url}${(request.url ?? '').replace(/^\/keys\/eu(?=\/)/, '')}`).then(async (answer) => {
      response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
      response.end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  setAddress(`http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`);
  const config = await client.discovery(new URL(publicUrl()), 'keytide', undefined, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
  expect(paths).toEqual(['/.well-known/oauth-authorization-server/keys/eu']);
  expect(config.serverMetadata()).toMatchObject({
    issuer: publicUrl(),
    token_endpoint: `${publicUrl()}/token`,
    device_authorization_endpoint: `${publicUrl()}/device/code`,
  });
  expect((await fetch(`${gateway.url}/.well-known/oauth-authorization-server`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/.well-known/oauth-authorization-server/keys`)).status).toBe(404);
});

test('oauth: an answer 401 says how to authenticate', async () => {
  const gateway = await openGateway();
  const refused = await gateway.ask('{ keys { __typename } }', {}, 'nobody');
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="keytide", error="invalid_token"',
  ]);
  const anonymous = await gateway.ask('mutation { revokeAll: __typename } query { keys { __typename } }');
  expect(anonymous.headers.get('www-authenticate')).toBeNull();
  const unnamed = await gateway.ask('{ keys { edges { node { id } } } }');
  expect([unnamed.status, unnamed.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="keytide"']);
  const basic = await fetch(`${gateway.url}/graphql?query={__typename}`, { headers: { Authorization: 'Basic YTpi' } });
  expect([basic.status, basic.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="keytide", error="invalid_token"',
  ]);
});
