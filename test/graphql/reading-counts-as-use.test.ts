import { expect, test } from 'vitest';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';
import { waitFor } from '../support/wait-for.ts';

const READ = { action: 'keytide:read', resource: '**' };

test('use: a key that reads other keys of its owner is used, by every query and subscription', async () => {
  const asked: [string, (id: string) => object][] = [
    ['{ keys { edges { node { id } } } }', () => ({})],
    ['query ($id: ID!) { key(id: $id) { id } }', (id) => ({ id })],
    ['query ($id: ID!) { node(id: $id) { id } }', (id) => ({ id })],
    ['{ forecast(horizon: "P366D") { keyCount } }', () => ({})],
    ['{ keyCount }', () => ({})],
    ['{ viewer { ... on Key { owner { ... on Organization { keys { edges { node { id } } } } } } } }', () => ({})],
  ];
  const town = await openTown();
  const { id } = await town.issue(town.ann.token, { owner: town.acme, lifetime: 'P30D' });
  for (const [query, variables] of asked) {
    const reader = await town.issue(town.ann.token, { owner: town.acme, scopes: [PUSH, READ] });
    expect((await town.gateway.ask(query, variables(id), reader.secret)).errors).toBeUndefined();
    expect([query, await isUsed(town, reader.id)]).toEqual([query, true]);
  }
});

test('use: a key that reads itself, or a key that does not exist, is not used', async () => {
  const town = await openTown();
  const foreign = await town.issue(town.gus.token);
  for (const scopes of [[PUSH], [PUSH, READ]]) {
    const reader = await town.issue(town.olga.token, { scopes });
    for (const [query, variables] of [
      ['{ viewer { ... on Key { name stopsAt renewalInfo { allowed } events { edges { cursor } } } } }', {}],
      ['query ($id: ID!) { key(id: $id) { name } }', { id: reader.id }],
      ['query ($id: ID!) { node(id: $id) { id } }', { id: reader.id }],
      ['query ($id: ID!) { key(id: $id) { name } }', { id: foreign.id }],
      ['query ($id: ID!) { node(id: $id) { id } }', { id: foreign.id }],
      ['{ realm(slug: "default") { name } }', {}],
    ] as const) {
      expect((await town.gateway.ask(query, variables, reader.secret)).errors).toBeUndefined();
    }
    expect(await isUsed(town, reader.id)).toBe(false);
  }
});

test('use: a key that issues a key is used, a key whose issue is refused is not', async () => {
  const town = await openTown();
  const issuer = await town.issue(town.olga.token, { scopes: [PUSH, { action: 'keytide:issue', resource: '**' }] });
  const issue = async (action: string) => {
    const input = { realm: 'default', name: 'child', scopes: [{ ...PUSH, action }] };
    return (await town.gateway.ask(ISSUE_KEY, { input }, issuer.secret)).data['issueKey'].__typename as string;
  };
  expect(await issue('package:unlist')).toBe('ScopeNotAllowed');
  expect(await isUsed(town, issuer.id)).toBe(false);
  expect(await issue(PUSH.action)).toBe('IssueKeySuccess');
  expect(await isUsed(town, issuer.id)).toBe(true);
});

test('use: the first use of a secret is recorded at once, for every kind of use', async () => {
  const town = await openTown();
  const ask: [string, string, object][] = [
    ['keytide:read', '{ keys { edges { node { id } } } }', {}],
    ['keytide:verify', VERIFY_KEY, { input: { secret: 'kt_unknown' } }],
    ['keytide:issue', ISSUE_KEY, { input: { realm: 'default', name: 'child', scopes: [PUSH] } }],
  ];
  for (const [action, query, variables] of ask) {
    const { id, secret } = await town.issue(town.admin.token, { scopes: [PUSH, { action, resource: '**' }] });
    expect((await town.gateway.ask(query, variables, secret)).errors).toBeUndefined();
    const told = () => town.gateway.prisma.event.count({ where: { keyId: id, type: 'KEY_FIRST_USED' } });
    await waitFor(async () => expect([action, await told()]).toEqual([action, 1]));
  }
});

async function isUsed({ gateway }: Town, keyId: string): Promise<boolean> {
  await gateway.services.uses.flush();
  return (await gateway.prisma.use.count({ where: { secret: { keyId } } })) > 0;
}
