import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { addMs } from '../../src/domain/key.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { codeBlocks, readGuide } from '../docs/read-guide.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
const all = (action: string) => [{ action, resource: '**' }];
/** Secrets of another system, of the form that the realm accepts. */
const secretOf = (digit: string) => digit.repeat(40);
const bcrypt = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const argon2 = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0pG6yXKqjDM';

test('adoptKey: a key that an import announced gets its secret once, from the backend of its API', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: ann, token } = await gateway.person('ann');
  const perform = async (mutation: string, selection: string, input: object, credential = admin) => {
    const whole = { input: { realm: 'default', ...input } };
    const answer = await gateway.ask(mutationQuery(mutation, selection), whole, credential);
    return answer.data?.[mutation] ?? answer.errors?.[0]?.extensions;
  };
  const verify = async (secret: string) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'].outcome as string;
  await perform('updateRealm', 'realm { id }', { foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits: 100 } });
  const { secret: backend } = await issue(gateway, admin, { scopes: all('keytide:manage') });
  const { secret: verifier } = await issue(gateway, admin, { scopes: all('keytide:verify') });
  const ofSubject = { ownerOf: { subject: { externalId: 'customer 7', name: 'Seven' } } };
  const keys = [
    { digest: bcrypt, externalKeyId: 'k0', ...ofSubject, allowedAddresses: ['192.0.2.1'] },
    { digest: argon2, externalKeyId: 'k1', ...ofSubject, state: 'HELD', stateReason: 'an incident' },
    { digest: argon2, externalKeyId: 'k2', owner: ann, notBefore: addMs(gateway.clock.now(), 9 * DAY_MS) },
    { digest: bcrypt, externalKeyId: 'k3', ...ofSubject },
    { digest: bcrypt, ...ofSubject },
    { digest: bcrypt, externalKeyId: 'k5', ...ofSubject, metadata: ['no object'] },
    { digest: bcrypt, externalKeyId: 'k6', ...ofSubject, owner: ann },
    { digest: bcrypt, externalKeyId: 'k7', owner: ann, allowedAddresses: ['elsewhere'] },
    { digest: bcrypt, externalKeyId: 'k8', owner: ann, notBefore: addMs(gateway.clock.now(), 900 * DAY_MS) },
  ].map((row) => ({ name: 'imported', scopes, source: 'old', ...row }));
  const SELECTION =
    'keys { id notBefore allowedAddresses } rows { index unchanged announced } refused { index message }';
  const imported = await perform('importKeys', SELECTION, { keys });
  expect(imported.rows.map((row: { announced: boolean }) => row.announced)).toEqual([true, true, true, true]);
  // A row that is malformed in any way is refused alone.
  expect(imported.refused.map(({ index, message }: any) => [index, message.split(':')[0]])).toEqual([
    [4, 'externalKeyId'],
    [5, 'metadata'],
    [6, 'ownerOf'],
    [7, 'allowedAddresses[0]'],
    [8, 'notBefore'],
  ]);
  expect(imported.keys[0].allowedAddresses).toEqual(['192.0.2.1/32']);
  expect(imported.keys[2].notBefore).toBe(keys[2] && (keys[2] as any).notBefore.toISOString());
  const [subject, ...others] = await gateway.prisma.subject.findMany();
  expect([subject?.externalId, subject?.name, others]).toEqual(['customer 7', 'Seven', []]);

  // Nothing verifies before the adoption; a node that has just said so learns of it at once.
  const [one, held, timed, fourth] = ['a', 'b', 'c', 'd'].map(secretOf) as [string, string, string, string];
  const adopt = (secret: string, externalKeyId: string, credential = backend, more: object = {}) =>
    perform('adoptKey', 'key { id }', { secret, key: { source: 'old', externalKeyId }, ...more }, credential);
  for (const secret of [one, held]) expect(await verify(secret)).toBe('KEY_UNKNOWN');
  expect((await adopt(` ${one}\n`, 'k0')).key.id).toBe(imported.keys[0].id);
  expect((await adopt(held, 'k1')).__typename).toBe('AdoptKeySuccess');
  const address = { address: '192.0.2.1' };
  const answer = await gateway.ask(VERIFY_KEY, { input: { secret: one, ...address } }, admin);
  expect([answer.data['verifyKey'].outcome, await verify(held)]).toEqual(['VALID', 'KEY_HELD']);

  // The same secret again changes nothing; another one is refused, and so is the secret of another key.
  expect((await adopt(one, 'k0')).__typename).toBe('AdoptKeySuccess');
  expect((await adopt(fourth, 'k0')).code).toBe('ALREADY_ADOPTED');
  expect((await adopt(one, 'k3')).code).toBe('SECRET_NOT_ACCEPTED');
  // Secrets of this gateway, and of forms that the realm does not accept, are refused alike.
  const { secret: own } = await issue(gateway, admin);
  const messages = new Set();
  for (const secret of [own, one, 'x'.repeat(40), `${fourth}0`, 'kt_', '0'.repeat(300)])
    messages.add((await adopt(secret, 'k3')).message);
  expect([...messages]).toEqual([expect.stringMatching(/^The realm does not accept this secret for this key\./)]);
  expect((await adopt(' ', 'k3')).code).toBe('BAD_USER_INPUT');

  // A backend adopts keys of subjects alone; others, and those that no import announced, do not exist for it.
  expect((await adopt(timed, 'k2')).code).toBe('KEY_NOT_FOUND');
  expect((await adopt(timed, 'nothing')).code).toBe('KEY_NOT_FOUND');
  expect((await adopt(timed, 'k2', admin)).__typename).toBe('AdoptKeySuccess');
  expect(await verify(timed)).toBe('NOT_YET_VALID');
  for (const credential of [verifier, token, own]) {
    expect((await adopt(fourth, 'k3', credential)).code).toBe('FORBIDDEN');
  }
  expect((await adopt(fourth, 'k3', backend, { realm: 'elsewhere' })).code).toBe('REALM_NOT_FOUND');

  // Adoptions at once: one key gets a secret once, and two keys never the same one.
  const same = await Promise.all([fourth, fourth, secretOf('e')].map((secret) => adopt(secret, 'k3')));
  expect(same.filter(({ __typename }) => __typename === 'AdoptKeySuccess').length).toBeLessThanOrEqual(2);
  const more = ['m1', 'm2'].map((externalKeyId) => ({ ...keys[3], externalKeyId }));
  await perform('importKeys', SELECTION, { keys: more });
  const twins = await Promise.all(['m1', 'm2'].map((id) => adopt(secretOf('f'), id, backend, { idempotencyKey: id })));
  expect(twins.map(({ __typename }) => __typename).toSorted()).toEqual(['AdoptKeySuccess', 'SecretNotAccepted']);
  expect(await verify(secretOf('f'))).toBe('VALID');
  const events = await gateway.prisma.event.findMany({ where: { type: 'KEY_ADOPTED' } });
  expect(events.length).toBe(5);
  expect(events[0]).toMatchObject({ data: { generation: 1 }, actorKind: 'KEY', keyId: imported.keys[0].id });

  // The code of the guide: only a secret that nobody knows goes to the old system, and its key here decides.
  const path = join(scratchFolder(), 'adopt.mjs');
  writeFileSync(path, codeBlocks(readGuide('adopt'), 'js')[0] ?? '');
  const { verifyOrAdopt } = (await import(pathToFileURL(path).href)) as Record<string, any>;
  await perform('importKeys', SELECTION, { keys: [{ ...keys[1], externalKeyId: 'g1' }] });
  const asked: string[] = [];
  const api = {
    verify: async (secret: string) => (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'],
    adoptKey: async ({ secret, key }: { secret: string; key: { externalKeyId: string } }) =>
      adopt(secret, key.externalKeyId),
    findOld: async (secret: string) => asked.push(secret) && (secret === secretOf('1') ? 'g1' : null),
  };
  const outcomes = [];
  for (const digit of ['1', '1', '2', 'f']) outcomes.push((await verifyOrAdopt(secretOf(digit), api)).outcome);
  expect(outcomes).toEqual(['KEY_HELD', 'KEY_HELD', 'KEY_UNKNOWN', 'VALID']);
  expect(asked).toEqual([secretOf('1'), secretOf('2')]);

  // The same rows again are unchanged, also after the adoption; no salted digest was stored, and none is in a snapshot.
  const again = await perform('importKeys', SELECTION, { keys });
  expect(again.rows.map((row: { unchanged: boolean }) => row.unchanged)).toEqual([true, true, true, true]);
  const imports = await gateway.prisma.keyImport.findMany();
  const stored = JSON.stringify([await gateway.prisma.secret.findMany(), imports], (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  for (const salted of [bcrypt, argon2]) expect(stored).not.toContain(salted.slice(8));
});

test('importKeys: the digest of another owner’s secret takes over no key, and reveals none', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const [ann, bob] = [await gateway.person('ann'), await gateway.person('bob')];
  const perform = async (mutation: string, selection: string, input: object) => {
    const answer = await gateway.ask(mutationQuery(mutation, selection), { input }, admin);
    return answer.data?.[mutation] ?? answer.errors?.[0];
  };
  await perform('createRealm', 'realm { id }', { slug: 'other', name: 'Other' });
  await perform('defineAction', 'realm { id }', { realm: 'other', name: 'package:push', description: 'Push' });
  const foreignSecrets = { pattern: '[0-9a-f]{40}', randomBits: 160 };
  for (const realm of ['default', 'other']) await perform('updateRealm', 'realm { id }', { realm, foreignSecrets });
  const verifiers = new Map<string, string>();
  for (const realm of ['default', 'other'])
    verifiers.set(realm, (await issue(gateway, admin, { realm, scopes: all('keytide:verify') })).secret);
  const importInto = (realm: string, owner: string, secret: string, more: object = {}) =>
    perform('importKeys', 'keys { id } refused { code message }', {
      realm,
      keys: [{ digest: hash('sha256', secret), name: 'theirs', scopes, owner, ...more }],
    });

  // Secrets of this gateway, of any realm and state, whatever their row says of their form.
  const theirs = await issue(gateway, admin, { realm: 'other', owner: ann.id });
  const retired = await issue(gateway, ann.token, { name: 'rotated' });
  await gateway.ask(ROTATE_KEY, { input: { keyId: retired.id, gracePeriod: 'PT0S' } }, ann.token);
  const ended = await issue(gateway, admin);
  await mutate(gateway, admin, 'revokeKey', { keyId: ended.id, reason: 'over' });
  const messages = new Set<string>();
  for (const { secret } of [theirs, retired, ended]) {
    for (const more of [{}, { start: secret.slice(0, 9) }]) {
      const { keys, refused } = await importInto('default', bob.id, secret, more);
      expect([keys, refused[0].code]).toEqual([[], 'BAD_USER_INPUT']);
      messages.add(refused[0].message);
    }
  }
  const malformed = await perform('importKeys', 'refused { message }', {
    realm: 'default',
    keys: [{ digest: 'none', name: 'none', scopes, owner: bob.id }],
  });
  expect([...messages]).toEqual([malformed.refused[0].message]);

  // The same foreign secret in two realms is two keys: neither import says that the other exists, and each realm has its own.
  const shared = secretOf('9');
  const [first] = (await importInto('other', ann.id, shared)).keys;
  const second = await importInto('default', bob.id, shared);
  expect(second.refused).toEqual([]);
  for (const [realm, id] of [
    ['other', first.id],
    ['default', second.keys[0].id],
  ]) {
    const answer = await gateway.ask(VERIFY_KEY, { input: { secret: shared } }, verifiers.get(realm));
    expect([answer.data['verifyKey'].outcome, answer.data['verifyKey'].key.id]).toEqual(['VALID', id]);
  }
});
