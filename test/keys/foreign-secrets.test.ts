import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { storedForeignDigest } from '../../src/keys/foreign-digests.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

const UPDATE = `mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) {
  __typename ... on UserError { code message } ... on UpdateRealmSuccess { realm { foreignSecrets { pattern randomBits } } } } }`;
const RENEW = 'mutation ($input: RenewKeyInput!) { renewKey(input: $input) { __typename } }';
const pattern = 'sk_live_[0-9A-Za-z]{24}';
const strong = 'sk_live_000000000000000000000abc';
const weak = 'sk_live_AAAAAAAAAAAAAAAAAAAAAAAA';

/** Makes the secret of an issued key foreign, as an import stores it. */
async function makeForeign(gateway: Gateway, keyId: string, secret: string, randomBits: number) {
  const { realmId } = await gateway.prisma.key.findUniqueOrThrow({ where: { id: keyId } });
  const stored = storedForeignDigest(gateway.services, realmId, hash('sha256', secret, 'buffer'), randomBits);
  const digest = new Uint8Array(stored.digest);
  await gateway.prisma.secret.updateMany({ where: { keyId }, data: { ...stored, digest, start: 'sk_live_' } });
}

test('foreign secrets: they verify in the realm that accepts their form, and nowhere else', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const verifies = (action: string) => ({ action, resource: '**' });
  const { secret: verifier } = await issue(gateway, admin, {
    name: 'the API',
    scopes: [verifies('keytide:verify'), verifies('keytide:follow')],
  });
  const [one, two] = [await issue(gateway, admin, { lifetime: 'P30D' }), await issue(gateway, admin)];
  await makeForeign(gateway, one.id, strong, 140);
  await makeForeign(gateway, two.id, weak, 100);
  const outcomeOf = async (secret: string, credential = admin) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, credential)).data['verifyKey'] as Record<string, any>;
  const accept = async (foreignSecrets: object) =>
    (await gateway.ask(UPDATE, { input: { realm: 'default', foreignSecrets } }, admin)) as Record<string, any>;

  expect((await outcomeOf(strong))['outcome']).toBe('KEY_UNKNOWN');
  const accepted = await accept({ pattern, randomBits: 128 });
  expect(accepted['data'].updateRealm.realm).toEqual({ foreignSecrets: { pattern, randomBits: 128 } });
  for (const credential of [admin, verifier]) {
    for (const [secret, { id }] of [[strong, one] as const, [weak, two] as const]) {
      for (const _ of ['read', 'recalled']) {
        const answer = await outcomeOf(` ${secret}\n`, credential);
        expect([answer['outcome'], answer['key'].id]).toEqual(['VALID', id]);
      }
    }
    const unknown = await outcomeOf(strong.replace('abc', 'abd'), credential);
    expect(unknown).toEqual({ ...(await outcomeOf('nonsense', credential)) });
  }

  // A snapshot for verifiers has neither the secret's own digest nor the MAC.
  const snapshot = await fetch(`${gateway.url}/snapshot`, { headers: { Authorization: `Bearer ${verifier}` } });
  const text = await snapshot.text();
  const rows = await gateway.prisma.secret.findMany({ where: { form: { not: 'OWN' } }, orderBy: { form: 'asc' } });
  const found = rows.map(({ form, digest }) => [form, text.includes(Buffer.from(digest).toString('hex'))]);
  expect(found).toEqual([
    ['FOREIGN', true],
    ['FOREIGN_SEALED', false],
  ]);
  expect(text).not.toContain(hash('sha256', strong, 'hex'));

  // At the gateway itself it is a credential only together with its realm, and only for its own key.
  const ask = (query: string, variables: object, realm: string | null) =>
    gateway.ask(query, variables, strong, realm === null ? {} : { 'X-Keytide-Realm': realm });
  const SELF = 'query ($id: ID!) { key(id: $id) { id realm { slug } } }';
  const self = await ask(SELF, { id: one.id }, 'default');
  expect(self.data['key']).toEqual({ id: one.id, realm: { slug: 'default' } });
  for (const realm of [null, 'other', '']) {
    expect((await ask(SELF, { id: one.id }, realm)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  }
  const revoked = await ask(
    'mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }',
    { input: { reason: 'test' } },
    'default',
  );
  expect(revoked.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  expect((await ask(VERIFY_KEY, { input: { secret: weak } }, 'default')).errors?.[0]?.extensions['code']).toBe(
    'FORBIDDEN',
  );
  expect((await ask(RENEW, { input: {} }, 'default')).data['renewKey'].__typename).toBe('RenewKeySuccess');
  const rotated = await ask(ROTATE_KEY, { input: { gracePeriod: 'P1D' } }, 'default');
  const { secret: own } = rotated.data['rotateKey'];
  expect(own).toMatch(/^kt_/);
  expect([(await outcomeOf(strong))['outcome'], (await outcomeOf(own))['outcome']]).toEqual(['VALID', 'VALID']);
  await mutate(gateway, own, 'confirmRotation', {});
  expect((await outcomeOf(strong))['outcome']).toBe('SECRET_RETIRED');

  // A form that matches secrets of the gateway, or that can be guessed, is refused; an empty one ends it.
  for (const refused of [
    { pattern: 'kt_[0-9A-Za-z]{49}', randomBits: 128 },
    { pattern, randomBits: 79 },
    { pattern: '(a+)+', randomBits: 80 },
  ]) {
    expect((await accept(refused))['errors'][0].extensions.code).toBe('BAD_USER_INPUT');
  }
  await accept({ pattern: '', randomBits: 128 });
  expect((await outcomeOf(weak))['outcome']).toBe('KEY_UNKNOWN');
});

test('foreign secrets: the stored digest differs by realm, and needs the sealing key under 128 bits', () => {
  const core = {
    sealer: { mac: (purpose: string, text: string) => hash('sha256', `key ${purpose} ${text}`, 'buffer') },
  };
  const digest = hash('sha256', strong, 'buffer');
  const stored = (realm: string, bits: number) => storedForeignDigest(core as never, realm, digest, bits);
  expect(stored('realm_a', 128).form).toBe('FOREIGN');
  expect(stored('realm_a', 127).form).toBe('FOREIGN_SEALED');
  const all = [stored('realm_a', 128), stored('realm_b', 128), stored('realm_a', 80), stored('realm_b', 80)];
  expect(new Set([digest, ...all.map((each) => each.digest)].map((each) => each.toString('hex'))).size).toBe(5);
  for (const bits of [79, Number.NaN, 0]) expect(() => stored('realm_a', bits)).toThrow(RangeError);
  expect(() => storedForeignDigest(core as never, 'realm_a', digest.subarray(1), 128)).toThrow(RangeError);
});
