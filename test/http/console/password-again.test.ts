import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/domain/duration.ts';
import { openConsoleGateway, ownPage, signInByCookie } from '../../support/console-world.ts';
import { ADMIN } from '../../support/first-node.ts';
import type { Gateway } from '../../support/gateway.ts';
import { rawSocket } from '../../support/raw-socket.ts';

/** The changes that outlive the session of a page, with what they change replaced by what does not exist. */
const changes = {
  confirmDevice: 'confirmDevice(input: { userCode: "ABCD-EFGH" })',
  inviteAdministrator: 'inviteAccount(input: { email: "new@example.com", administrator: true })',
  makeAdministrator:
    'setAdministrator(input: { accountId: "account_01h455vb4pex5vsknk084sn02q", administrator: true, reason: "x" })',
  enableAccount:
    'disableAccount(input: { accountId: "account_01h455vb4pex5vsknk084sn02q", disabled: false, reason: "x" })',
  revokeMany:
    'changeKeys(input: { realm: "default", filter: {}, all: true, change: REVOKE, reason: "x", confirmation: "none" })',
  bindUnseen: 'bindPolicy(input: { realm: "default", policy: "none" })',
  updateUnseen: 'updateBinding(input: { bindingId: "binding_01h455vb4pex5vsknk084sn02q" })',
} as const;

/** Changes of the same kind that end with the session, or whose effect the person has seen. */
const harmless = {
  inviteMember: 'inviteAccount(input: { email: "other@example.com" })',
  unmakeAdministrator:
    'setAdministrator(input: { accountId: "account_01h455vb4pex5vsknk084sn02q", administrator: false, reason: "x" })',
  disableAccount: 'disableAccount(input: { accountId: "account_01h455vb4pex5vsknk084sn02q", reason: "x" })',
  endSessions: 'endSessions(input: {})',
  tryRevoking:
    'changeKeys(input: { realm: "default", filter: {}, all: true, change: REVOKE, reason: "x", dryRun: true })',
  holdMany:
    'changeKeys(input: { realm: "default", filter: {}, all: true, change: HOLD, reason: "x", confirmation: "none" })',
  bindInShadow: 'bindPolicy(input: { realm: "default", policy: "none", mode: SHADOW })',
  bindSeen: 'bindPolicy(input: { realm: "default", policy: "none", previewToken: "none" })',
} as const;

const refusal = {
  message: expect.stringContaining('give the password again'),
  extensions: { code: 'FORBIDDEN', passwordRequired: true },
};

/** Whether a change is refused because the password is to be given again. */
async function needsPassword(
  gateway: Gateway,
  change: string,
  headers: Record<string, string>,
  token: string | null = null,
) {
  const { errors } = await gateway.ask(`mutation { ${change} { __typename } }`, {}, token, headers);
  if (errors === undefined) return false;
  expect(errors).toMatchObject([refusal]);
  return true;
}

function confirm(gateway: Gateway, headers: Record<string, string>, body: object = { password: ADMIN.password }) {
  return fetch(`${gateway.url}/session/confirm`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

test.each(Object.entries(changes))(
  'password again: %s needs it from a page, and no other caller',
  async (_name, change) => {
    const gateway = await openConsoleGateway();
    const { cookie } = await signInByCookie(gateway);
    const headers = { ...ownPage(gateway), Cookie: cookie };
    expect(await needsPassword(gateway, change, headers)).toBe(true);
    expect(await needsPassword(gateway, change, {}, await gateway.admin())).toBe(false);
    const confirmed = await confirm(gateway, headers);
    expect([confirmed.status, await confirmed.text()]).toEqual([204, '']);
    const both = { ...headers, Cookie: `${cookie}; ${cookieOf(confirmed)}` };
    expect(await needsPassword(gateway, change, both)).toBe(false);
    gateway.clock.advance(5 * MINUTE_MS);
    expect(await needsPassword(gateway, change, both)).toBe(true);
  },
);

test('password again: what ends with the session, or was previewed, does not need it', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  for (const [name, change] of Object.entries(harmless)) {
    expect(await needsPassword(gateway, change, headers), name).toBe(false);
  }
});

test('password again: over a socket of a page these changes are refused', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  const proof = cookieOf(await confirm(gateway, headers));
  const socket = await rawSocket(gateway, { headers: { ...headers, Cookie: `${cookie}; ${proof}` } });
  socket.send({ type: 'connection_init' });
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
  const query = `mutation { ${changes.inviteAdministrator} { __typename } }`;
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  const { payload } = await socket.next();
  expect(payload.errors ?? payload).toMatchObject([refusal]);
});

test('password again: the proof is of one session, has limits, and only a page of the gateway gets it', async () => {
  const gateway = await openConsoleGateway();
  const { cookie } = await signInByCookie(gateway);
  const headers = { ...ownPage(gateway), Cookie: cookie };
  const proof = cookieOf(await confirm(gateway, headers));
  const other = await signInByCookie(gateway);
  for (const sent of [
    `${other.cookie}; ${proof}`,
    `${cookie}; ${proof}; ${proof}`,
    `${cookie}; ${proof.slice(0, -8)}AAAAAAAA`,
    `${cookie}; ${proof.split('=')[0]}=${'A'.repeat(200)}`,
    `${cookie}; ${proof.split('=')[0]}=`,
  ]) {
    const foreign = { ...ownPage(gateway), Cookie: sent };
    expect(await needsPassword(gateway, changes.confirmDevice, foreign), sent).toBe(true);
  }
  expect((await confirm(gateway, { Origin: 'https://evil.example', Cookie: cookie })).status).toBe(401);
  expect((await confirm(gateway, { ...ownPage(gateway), 'Sec-Fetch-Site': 'same-site', Cookie: cookie })).status).toBe(
    401,
  );
  expect((await confirm(gateway, ownPage(gateway))).status).toBe(401);
  expect((await confirm(gateway, headers, { password: 1 })).status).toBe(400);
  const wrong = await confirm(gateway, headers, { password: 'another good password' });
  expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([403, null]);
  const statuses: number[] = [];
  for (let count = 0; count < 30 && statuses.at(-1) !== 429; count += 1) {
    statuses.push((await confirm(gateway, headers, { password: 'another good password' })).status);
  }
  expect(statuses.at(-1)).toBe(429);
});
