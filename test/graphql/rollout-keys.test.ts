import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { openTown, type Town } from '../support/town.ts';

const STAGES = [
  { kind: 'COMMENT', atLeast: 'PT0S' },
  { kind: 'ENFORCED', atLeast: 'P60D' },
];

const MY_KEYS = `query ($id: ID!, $first: Int, $after: String, $ownerId: ID) { rollout(id: $id) {
  myKeys(first: $first, after: $after, ownerId: $ownerId) {
    edges { cursor node { key { id name stopsAt } stopsAtWithout stopsAtWith isReached } }
    pageInfo { hasNextPage endCursor }
  } } }`;

async function mutate({ gateway, admin }: Town, field: string, input: object, selection = '__typename') {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}`;
  const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on UserError { message } ... on ${type}Success { ${selection} } } }`;
  const { data, errors } = await gateway.ask(document, { input }, admin.token);
  if (data?.[field].__typename !== `${type}Success`) throw new Error(JSON.stringify(errors ?? data));
  return data[field];
}

/** Proposes that keys of the realm `default` live at most so long. */
async function propose(town: Town, cap: string): Promise<string> {
  const { gateway, admin } = town;
  const config = { longest: cap, default: cap, capEveryKey: cap };
  const change = { realm: 'default', policy: 'bounded-lifetime', config };
  const query = 'query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { previewToken } }';
  const { data } = await gateway.ask(query, { input: change }, admin.token);
  const { previewToken } = data['previewPolicy'];
  const texts = { title: 'Shorter lives', explanation: 'Keys that live long are lost.' };
  const input = { ...change, ...texts, stages: STAGES, budget: { owners: 1 }, previewToken };
  return (await mutate(town, 'proposeRollout', input, 'rollout { id }')).rollout.id;
}

interface Edge {
  readonly cursor: string;
  readonly node: {
    readonly key: { readonly id: string; readonly name: string; readonly stopsAt: string };
    readonly stopsAtWithout: string | null;
    readonly stopsAtWith: string | null;
    readonly isReached: boolean;
  };
}

async function myKeys({ gateway }: Town, token: string, variables: object): Promise<readonly Edge[]> {
  const { data } = await gateway.ask(MY_KEYS, variables, token);
  return data['rollout'].myKeys.edges;
}

const namesOf = (edges: readonly Edge[]) => edges.map(({ node }) => node.key.name);

test('keys of a rollout: owners see their own keys that it moves, with both stops, and no others', async () => {
  const town = await openTown();
  const { olga, ann, mia, eve, admin, acme } = town;
  await town.issue(olga.token, { name: 'long', lifetime: 'P80D' });
  await town.issue(olga.token, { name: 'short', lifetime: 'P20D' });
  await town.issue(ann.token, { name: 'of Acme', owner: acme, lifetime: 'P80D' });
  const id = await propose(town, 'P40D');

  const [long, ...others] = await myKeys(town, olga.token, { id });
  expect(others).toEqual([]);
  expect(long?.node).toMatchObject({ key: { name: 'long' }, isReached: false });
  expect(long?.node.stopsAtWithout).toBe(long?.node.key.stopsAt);
  expect(Date.parse(long?.node.stopsAtWith ?? '')).toBeLessThan(Date.parse(long?.node.stopsAtWithout ?? ''));
  // Members see the keys of their organization. The administrator has none, and sees those of an owner.
  for (const { token } of [ann, mia]) expect(namesOf(await myKeys(town, token, { id }))).toEqual(['of Acme']);
  for (const { token } of [eve, admin]) expect(await myKeys(town, token, { id })).toEqual([]);
  expect(namesOf(await myKeys(town, admin.token, { id, ownerId: olga.id }))).toEqual(['long']);
  expect(await myKeys(town, eve.token, { id, ownerId: olga.id })).toEqual([]);
});

test('keys of a rollout: a stage reaches them, and after the undoing there are none', async () => {
  const town = await openTown();
  const { olga } = town;
  await town.issue(olga.token, { name: 'long', lifetime: 'P80D' });
  const rolloutId = await propose(town, 'P40D');
  const [before] = await myKeys(town, olga.token, { id: rolloutId });
  await mutate(town, 'advanceRollout', { rolloutId });
  const [reached] = await myKeys(town, olga.token, { id: rolloutId });
  expect(reached?.node).toMatchObject({ stopsAtWithout: before?.node.stopsAtWithout, isReached: true });
  await mutate(town, 'undoRollout', { rolloutId });
  expect(await myKeys(town, olga.token, { id: rolloutId })).toEqual([]);
});

test('keys of a rollout: pages follow each other, and a page is refused beyond its bounds', async () => {
  const town = await openTown();
  const { olga, gateway } = town;
  for (let number = 1; number <= 5; number += 1) {
    await town.issue(olga.token, { name: `key ${number}`, lifetime: 'P80D' });
  }
  const id = await propose(town, 'P40D');
  const names: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const { data } = await gateway.ask(MY_KEYS, { id, first: 2, after }, olga.token);
    const { edges, pageInfo } = data['rollout'].myKeys;
    names.push(...namesOf(edges));
    expect(pageInfo.hasNextPage).toBe(page < 2);
    after = pageInfo.endCursor;
  }
  // Those of one moment have no order of their own.
  expect(names.toSorted()).toEqual(['key 1', 'key 2', 'key 3', 'key 4', 'key 5']);
  const { errors } = await gateway.ask(MY_KEYS, { id, first: 101 }, olga.token);
  expect(errors?.[0]?.message).toContain('found 101; expected 0 to 100');
});

test('keys of a rollout: its breakage is that of the time in which its revision was in force', async () => {
  const town = await openTown();
  const { olga, gateway, realm } = town;
  const { id: keyId } = await town.issue(olga.token, { name: 'long', lifetime: 'P80D' });
  const rolloutId = await propose(town, 'P40D');
  const breakage = '{ breakageCount ownerCount breakages(first: 5) { edges { node { consumer } } } }';
  const query = `query ($id: ID!) { rollout(id: $id) { breakage ${breakage} } }`;
  const record = async (consumer: string, outcome: string) => {
    const at = gateway.clock.now();
    const day = Math.floor(at.getTime() / 86_400_000);
    const times = { at, day, firstUsedAt: at, lastUsedAt: at };
    const id = newId('breakage', at, gateway.services.random);
    const data = { id, keyId, realmId: realm, ownerId: olga.id, consumer, outcome, generation: 1, ...times };
    await gateway.prisma.breakage.create({ data });
  };
  await record('before the stage', 'KEY_EXPIRED');
  gateway.clock.advance(1_000);
  await mutate(town, 'advanceRollout', { rolloutId });
  await record('ci', 'KEY_EXPIRED');
  await record('a rotation', 'SECRET_RETIRED');
  const broken = { breakageCount: 1, ownerCount: 1, breakages: { edges: [{ node: { consumer: 'ci' } }] } };
  for (const { token } of [town.admin, olga]) {
    expect((await gateway.ask(query, { id: rolloutId }, token)).data['rollout'].breakage).toEqual(broken);
  }
  const none = { breakageCount: 0, ownerCount: 0, breakages: { edges: [] } };
  expect((await gateway.ask(query, { id: rolloutId }, town.eve.token)).data['rollout'].breakage).toEqual(none);
});
