import { createPublicKey, verify } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { ManualClock } from '../../support/clock.ts';
import { openReceiver, type ReceivedRequest } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld } from '../../support/webhook-world.ts';

/** Verifies as a receiver does that has the library. */
export function verifyReceived(secret: string, { text, headers }: ReceivedRequest): unknown {
  return new StandardWebhook(secret).verify(text, headers as Record<string, string>);
}

/** Verifies with the public key alone, as RFC 8032 has it. */
function isSignedBy(publicKey: string, { text, headers }: ReceivedRequest): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`);
  const signatures = String(headers['webhook-signature']).split(' ');
  return signatures.some((one) => {
    const [version, signature = ''] = one.split(',');
    return version === 'v1a' && verify(null, signed, key, Buffer.from(signature, 'base64'));
  });
}

test('webhook: an event is posted once, as in GraphQL, with signatures that the standard library and the public key verify', async () => {
  const receiver = await openReceiver();
  // The library compares with the machine's clock.
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]), { clock: new ManualClock(new Date()) });
  const { secret, publicKey } = await world.webhook(receiver, { filter: { types: ['KEY_HELD'] } });
  const keyId = await world.key();
  await world.hold(keyId);
  await world.settle();
  expect(receiver.received).toHaveLength(1);
  const [one] = receiver.received as [ReceivedRequest];
  const event = await world.gateway.prisma.event.findFirstOrThrow({ where: { type: 'KEY_HELD' } });
  const query =
    'query ($id: ID!) { node(id: $id) { ... on Event { id cursor type at recordedAt reason data actor { kind id name } } } }';
  const { data } = await world.gateway.ask(query, { id: event.id }, world.olga.token);
  expect(one.body).toEqual({
    type: 'KEY_HELD',
    timestamp: event.at.toISOString(),
    data: { ...data['node'], keyId, realm: 'default', ownerId: world.olga.id },
  });
  expect(one.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'Keytide',
    'webhook-id': event.id,
    'webhook-timestamp': String(Math.floor(world.gateway.clock.now().getTime() / 1000)),
    host: `127.0.0.1:${receiver.port}`,
  });
  expect(verifyReceived(secret, one)).toEqual(one.body);
  expect(isSignedBy(publicKey, one)).toBe(true);
  const forged = { ...one, text: one.text.replace('looked at', 'looked up') };
  expect(() => verifyReceived(secret, forged)).toThrow('No matching signature');
  expect(isSignedBy(publicKey, forged)).toBe(false);
});
