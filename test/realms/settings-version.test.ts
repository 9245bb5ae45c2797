import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';

const UPDATE = `mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) {
  __typename ... on UpdateRealmSuccess { realm { name settingsVersion } } ... on UserError { code path } } }`;

test('settings version: a change on the basis of settings that others have changed since is refused, and changes nothing', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const realm = 'default';
  const update = async (input: object) =>
    (await gateway.ask(UPDATE, { input: { realm, ...input } }, token)).data['updateRealm'];
  const readVersion = async () =>
    (await gateway.ask('{ realm(slug: "default") { settingsVersion } }', {}, token)).data['realm'].settingsVersion;
  const settingsVersion = await readVersion();
  expect(settingsVersion).toMatch(/^[\w-]{22}$/);
  expect(await readVersion()).toBe(settingsVersion);

  const freezes = [{ from: '2026-12-20T00:00:00Z', to: '2027-01-07T00:00:00Z', reason: 'The holidays.' }];
  const ceilings = [{ role: 'MEMBER', scopes: [{ action: '*', resource: 'acme/**' }] }];
  const changes = [
    { name: 'Other' },
    { freezes },
    { ceilings },
    { subjectCeilings: [{ scopes: [{ action: '*', resource: '**' }] }] },
    { foreignSecrets: { pattern: 'sk_live_[0-9a-f]{40}', randomBits: 160 } },
    { portalOrigins: ['https://app.example'] },
  ];
  const versions = [settingsVersion];
  for (const change of changes) {
    const { realm: updated } = await update({ ...change, settingsVersion: versions.at(-1) });
    versions.push(updated.settingsVersion);
    expect(await readVersion()).toBe(updated.settingsVersion);
  }
  expect(new Set(versions).size).toBe(changes.length + 1);

  const refused = { code: 'REALM_CHANGED', path: ['input', 'settingsVersion'] };
  expect(await update({ freezes: [], settingsVersion })).toMatchObject(refused);
  expect(await gateway.prisma.freeze.count()).toBe(1);
  expect((await update({ freezes: [] })).__typename).toBe('UpdateRealmSuccess');
});

test('settings version: of two changes at once on the same basis one is made', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const { data } = await gateway.ask('{ realm(slug: "default") { settingsVersion } }', {}, token);
  const { settingsVersion } = data['realm'];
  const results = await Promise.all(
    ['One', 'Two', 'Three'].map((name) =>
      gateway.ask(UPDATE, { input: { realm: 'default', name, settingsVersion } }, token),
    ),
  );
  expect(results.map((result) => result.data['updateRealm'].__typename).toSorted()).toEqual([
    'RealmChanged',
    'RealmChanged',
    'UpdateRealmSuccess',
  ]);
});
