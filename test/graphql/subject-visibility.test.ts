import { expect, test } from 'vitest';
import { openTown, PUSH, type IssuedKey } from '../support/town.ts';

/** What may be seen, with what decides about it. */
interface Thing {
  readonly id: string;
  readonly realm: string;
  readonly owner: string | null;
  readonly key: string | null;
  readonly isSubject: boolean;
}

interface Viewer {
  readonly name: string;
  readonly credential: string;
  sees(thing: Thing): boolean;
}

/** How many ids one request asks for, and how many requests there are: 10,050 questions. */
const IDS = 15;
const REQUESTS = 670;

const NODES = `query (${ids(($) => `${$}: ID!`, ', ')}) { ${ids(($, index) => `n${index}: node(id: ${$}) { id }`, ' ')} }`;

function ids(write: (variable: string, index: number) => string, separator: string): string {
  return Array.from({ length: IDS }, (_, index) => write(`$i${index}`, index)).join(separator);
}

test('subjects: over 10,000 random requests, a backend sees the subjects of its realm, and a customer’s key none of another', async () => {
  const town = await openTown();
  const { gateway } = town;
  const { prisma } = gateway;
  const scope = (action: string) => ({ action, resource: '**' });
  const issue = (input: object) => town.issue(town.admin.token, input);
  const keysOf = async (realm: string, name: string) => {
    const ownerOf = { subject: { externalId: name } };
    const plain = await issue({ realm, ownerOf });
    const reading = await issue({ realm, ownerOf, scopes: [PUSH, scope('keytide:read')] });
    const { subjectId } = await prisma.key.findUniqueOrThrow({ where: { id: plain.id } });
    return { plain, reading, subject: subjectId! };
  };
  const customers = {
    // The same external id in two realms is two subjects.
    one: await keysOf('default', 'customer'),
    two: await keysOf('default', 'Customer'),
    far: await keysOf('other', 'customer'),
  };
  const backend = await issue({ owner: town.acme, scopes: [scope('keytide:manage')] });
  const farBackend = await issue({ realm: 'other', owner: town.acme, scopes: [scope('keytide:manage')] });
  const olgas = await town.issue(town.olga.token);
  await town.issue(town.ann.token, { owner: town.acme });

  const things: Thing[] = [
    ...(await prisma.key.findMany()).map((key) => ({
      id: key.id,
      realm: key.realmId,
      owner: key.accountId ?? key.organizationId ?? key.subjectId,
      key: key.id,
      isSubject: key.subjectId !== null,
    })),
    ...(await prisma.subject.findMany()).map(({ id, realmId }) => ({
      id,
      realm: realmId,
      owner: null,
      key: null,
      isSubject: true,
    })),
    ...(await prisma.event.findMany({ where: { OR: [{ keyId: { not: null } }, { type: 'SUBJECT_CREATED' }] } })).map(
      ({ id, realmId, ownerId, keyId }) => ({
        id,
        realm: realmId!,
        owner: ownerId,
        key: keyId,
        isSubject: ownerId?.startsWith('subject_') === true,
      }),
    ),
  ];
  const managing = (name: string, { id, secret }: IssuedKey, realm: string): Viewer => ({
    name,
    credential: secret,
    sees: (thing) => thing.key === id || (thing.realm === realm && thing.isSubject),
  });
  const reading = (name: string, { reading: { secret }, subject }: (typeof customers)['one']): Viewer => ({
    name,
    credential: secret,
    sees: (thing) => thing.owner === subject,
  });
  const viewers: Viewer[] = [
    managing('the backend', backend, town.realm),
    managing('the backend of another realm', farBackend, town.other),
    reading('a key of one customer', customers.one),
    reading('a key of another customer', customers.two),
    reading('a key of a customer elsewhere', customers.far),
    {
      name: 'a plain key of a customer',
      credential: customers.one.plain.secret,
      sees: ({ key }) => key === customers.one.plain.id,
    },
    { name: 'the owner of a key', credential: town.olga.token, sees: ({ key }) => key === olgas.id },
    { name: 'an account with nothing', credential: town.eve.token, sees: () => false },
  ];

  let seed = 1;
  const below = (end: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % end;
  };
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const viewer = viewers[below(viewers.length)]!;
    const asked = Array.from({ length: IDS }, () => things[below(things.length)]!);
    const variables = Object.fromEntries(asked.map(({ id }, index) => [`i${index}`, id]));
    const { data, errors } = await gateway.ask(NODES, variables, viewer.credential);
    expect(errors).toBeUndefined();
    for (const [index, thing] of asked.entries()) {
      const isSeen = data![`n${index}`] !== null;
      if (isSeen) seen.add(viewer.name);
      if (isSeen !== viewer.sees(thing)) wrong.push(`${viewer.name}: ${thing.id} ${isSeen ? 'seen' : 'not seen'}`);
    }
  }
  expect([...new Set(wrong)]).toEqual([]);
  expect(viewers.filter(({ name }) => !seen.has(name)).map(({ name }) => name)).toEqual(['an account with nothing']);

  // Lists have what the ids have.
  const LISTS = `{ keys(first: 100) { edges { node { id } } } subjects(realm: "default", first: 100) { edges { node { id } } } }`;
  for (const viewer of viewers) {
    const { data } = await gateway.ask(LISTS, {}, viewer.credential);
    const listed = [...data!['keys'].edges, ...data!['subjects'].edges].map(({ node }: any) => node.id).toSorted();
    const expected = things.filter(
      (thing) =>
        viewer.sees(thing) &&
        (thing.id === thing.key || (thing.id.startsWith('subject_') && thing.realm === town.realm)),
    );
    expect([viewer.name, listed]).toEqual([viewer.name, expected.map(({ id }) => id).toSorted()]);
  }
});
