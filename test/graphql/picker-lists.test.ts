import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openTown, type Town } from '../support/town.ts';

type Field = 'realms' | 'accounts' | 'organizations';

const nodeFields = { realms: 'slug', accounts: 'name', organizations: 'name' };

async function list(town: Town, credential: string, field: Field, args = 'first: 100'): Promise<any> {
  const selection = `edges { cursor node { ${nodeFields[field]} } } pageInfo { hasNextPage endCursor }`;
  const { data, errors } = await town.gateway.ask(`{ ${field}(${args}) { ${selection} } }`, {}, credential);
  expect(errors).toBeUndefined();
  const found = data[field];
  return { ...found, names: found.edges.map(({ node }: any) => node[nodeFields[field]]).toSorted() };
}

test('lists: each caller gets the realms, accounts and organizations that it may see', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.ann.token, { owner: town.acme });
  const found: Record<string, unknown> = {};
  for (const [who, credential] of Object.entries({ mia: town.mia.token, eve: town.eve.token, key: secret })) {
    for (const field of ['realms', 'accounts', 'organizations'] as const) {
      found[`${who} ${field}`] = (await list(town, credential, field)).names;
    }
  }
  expect(found).toEqual({
    'mia realms': ['default', 'other'],
    'mia accounts': ['Adam', 'Ann', 'Max', 'Mia'],
    'mia organizations': ['Acme'],
    'eve realms': ['default', 'other'],
    'eve accounts': ['Eve'],
    'eve organizations': [],
    'key realms': ['default'],
    'key accounts': [],
    'key organizations': [],
  });
  expect((await list(town, town.admin.token, 'organizations')).names).toEqual(['Acme', 'Globex']);
  expect((await list(town, town.admin.token, 'accounts')).names).toHaveLength(8);
});

test('lists: pages go through all accounts, each once, forwards and backwards', async () => {
  const town = await openTown();
  for (const [size, cursor, end] of [
    ['first', 'after', 'endCursor'],
    ['last', 'before', 'startCursor'],
  ] as const) {
    const names: string[] = [];
    let position: string | null = null;
    do {
      const from: string = position === null ? '' : `, ${cursor}: "${position}"`;
      const query: string = `{ accounts(${size}: 3${from}) { edges { node { name } } pageInfo { hasNextPage hasPreviousPage ${end} } } }`;
      const { data } = await town.gateway.ask(query, {}, town.admin.token);
      const { edges, pageInfo } = data['accounts'];
      names.push(...edges.map(({ node }: any) => node.name));
      position = (size === 'first' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage) ? pageInfo[end] : null;
    } while (position !== null);
    expect(names.toSorted()).toEqual((await list(town, town.admin.token, 'accounts')).names);
    expect(new Set(names)).toHaveLength(8);
  }
  for (const field of ['realms', 'accounts', 'organizations']) {
    const { errors } = await town.gateway.ask(`{ ${field}(first: 101) { edges { cursor } } }`, {}, town.admin.token);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
});

test('lists: a search finds a part of the name, and only for administrators a part of the address', async () => {
  const town = await openTown();
  const search = async (token: string, field: Field, text: string) =>
    (await list(town, token, field, `first: 100, filter: { search: ${JSON.stringify(text)} }`)).names;
  expect(await search(town.admin.token, 'accounts', 'MIA@EXAMPLE')).toEqual(['Mia']);
  expect(await search(town.ann.token, 'accounts', 'mia@example')).toEqual([]);
  expect(await search(town.ann.token, 'accounts', 'MI')).toEqual(['Mia']);
  expect(await search(town.ann.token, 'accounts', '%')).toEqual([]);
  expect(await search(town.admin.token, 'realms', 'OTH')).toEqual(['other']);
  expect(await search(town.admin.token, 'organizations', 'glo')).toEqual(['Globex']);
  expect(await search(town.ann.token, 'organizations', 'glo')).toEqual([]);
  const flag = 'first: 100, filter: { isAdministrator: true, isDisabled: false }';
  expect((await list(town, town.admin.token, 'accounts', flag)).names).toHaveLength(1);
  expect((await list(town, town.ann.token, 'accounts', flag)).names).toEqual([]);
});

test('lists: a page takes one statement, whatever its size', async () => {
  const town = await openTown();
  for (const field of ['realms', 'accounts', 'organizations'] as const) {
    const counts = [];
    for (const args of ['first: 1', 'first: 100']) {
      const spy = vi.spyOn(Client.prototype, 'query');
      onTestFinished(() => spy.mockRestore());
      await town.gateway.ask(`{ ${field}(${args}) { edges { node { id name } } } }`, {}, town.admin.token);
      const texts = spy.mock.calls.map(([query]: any[]) => String(query?.text ?? query));
      spy.mockRestore();
      const table = { realms: 'Realm', accounts: 'Account', organizations: 'Organization' }[field];
      counts.push(
        texts.filter((text) => text.includes(`FROM "public"."${table}"`) && text.includes('ORDER BY')).length,
      );
    }
    expect(counts).toEqual([1, 1]);
  }
});
