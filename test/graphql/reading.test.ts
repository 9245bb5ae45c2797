import { expect, test } from 'vitest';
import { openTown, PUSH, type Town } from '../support/town.ts';

const READ = { action: 'keytide:read', resource: '**' };

test('a key that reads its owner’s other keys is in use, whatever it reads them by', async () => {
  const asked: [string, (id: string) => object][] = [
    ['{ keys { edges { node { id } } } }', () => ({})],
    ['query ($id: ID!) { key(id: $id) { id } }', (id) => ({ id })],
    ['query ($id: ID!) { node(id: $id) { id } }', (id) => ({ id })],
    ['{ forecast(horizon: "P366D") { keyCount } }', () => ({})],
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

test('a key that asks about itself, or for what is not there, is not in use', async () => {
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

async function isUsed({ gateway }: Town, keyId: string): Promise<boolean> {
  await gateway.services.uses.flush();
  return (await gateway.prisma.use.count({ where: { secret: { keyId } } })) > 0;
}
