import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { openIssuerWorld, requestExchange, type IssuerWorld } from '../support/issuer-world.ts';

const newRequestId = () => randomBytes(32).toString('base64url');

const reuses = ({ gateway }: IssuerWorld) => gateway.prisma.event.findMany({ where: { type: 'TOKEN_REUSED' } });

test.for(['base64url', 'hex'] as const)(
  'lost answer: the same token with the same request id (%s) gets the same key again, also at the same time',
  async (encoding) => {
    const tokens = await openIssuerWorld();
    const token = tokens.token();
    const request_id = randomBytes(32).toString(encoding);
    const send = () => tokens.exchange(token, tokens.gateway.url, { request_id });
    const [first, twin] = await Promise.all([send(), send()]);
    expect([first.status, twin.secret, twin.keyId]).toEqual([200, first.secret, first.keyId]);
    tokens.gateway.clock.advance(2 * MINUTE_MS);
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      request_id,
    });
    const again = await fetch(`${tokens.gateway.url}/token`, { method: 'POST', body });
    expect(await again.json()).toMatchObject({ access_token: first.secret, key_id: first.keyId, expires_in: 780 });
    expect(await tokens.gateway.prisma.key.count({ where: { tokenRuleId: tokens.ruleId } })).toBe(1);
    expect(await reuses(tokens)).toEqual([]);
    expect(await tokens.verify(first.secret)).toBe('VALID');
    await tokens.gateway.services.uses.flush();
    const late = await send();
    expect([late.status, late.secret, late.description]).toEqual([400, '', expect.stringContaining('not repeated')]);
  },
);

test('lost answer: without the request id of its exchange a token is used up, and its second coming is recorded once', async () => {
  const tokens = await openIssuerWorld();
  const token = tokens.token({ jti: 'job-7' });
  const send = (more: Record<string, string>) => tokens.exchange(token, tokens.gateway.url, more);
  expect((await send({ request_id: newRequestId() })).status).toBe(200);
  for (const more of [{}, { request_id: newRequestId() }, {}]) {
    const { status, secret, description } = await send(more);
    expect([status, secret, description]).toEqual([400, '', expect.stringContaining('already exchanged')]);
  }
  const [event, ...others] = await reuses(tokens);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    data: { issuerId: tokens.issuerId, url: tokens.issuer.url, tokenId: 'job-7' },
    actorKind: 'SYSTEM',
  });
  const other = tokens.token({ jti: 'job-8' });
  expect((await tokens.exchange(other)).status).toBe(200);
  expect((await tokens.exchange(other)).status).toBe(400);
  expect((await reuses(tokens)).map(({ data }) => (data as any).tokenId)).toEqual(['job-7', 'job-8']);
});

test('lost answer: the database holds neither the request id nor a secret that it alone opens', async () => {
  const tokens = await openIssuerWorld();
  const request_id = newRequestId();
  const { secret } = await tokens.exchange(tokens.token(), tokens.gateway.url, { request_id });
  const records = await tokens.gateway.prisma.idempotencyRecord.findMany();
  const text = JSON.stringify(records.map((record) => ({ ...record, sealed: String(record.sealed) })));
  expect(records.some(({ sealed }) => sealed !== null)).toBe(true);
  for (const hidden of [request_id, secret]) expect(text).not.toContain(hidden);
});

test('lost answer: a request id that is not 32 bytes is refused before the token is used', async () => {
  const tokens = await openIssuerWorld();
  const token = tokens.token();
  for (const request_id of ['1', 'x'.repeat(42), 'x'.repeat(44), 'a b', '0'.repeat(63), `${'x'.repeat(42)}+`]) {
    const answer = await requestExchange(tokens.gateway.url, token, { request_id });
    expect([request_id, answer.status, answer.error]).toEqual([request_id, 400, 'invalid_request']);
  }
  expect((await tokens.exchange(token)).status).toBe(200);
});
