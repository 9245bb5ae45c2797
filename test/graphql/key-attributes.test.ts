import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTown, PUSH, type Town } from '../support/town.ts';

const READ = 'query ($id: ID!) { key(id: $id) { description metadata } }';
const UPDATE = /* GraphQL */ `
  mutation ($input: UpdateKeyInput!) {
    updateKey(input: $input) {
      __typename
      ... on UpdateKeySuccess {
        key {
          description
          metadata
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

/** One gateway for all tests of this file: they change only keys of their own. */
let town: Town;

beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.gateway.stop());

async function update(input: object, token = town.ann.token) {
  const { data, errors } = await town.gateway.ask(UPDATE, { input }, token);
  return data?.['updateKey'] ?? errors?.[0];
}

async function eventsOf(keyId: string) {
  return town.gateway.prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } });
}

test('notes: description and metadata are set at issue, changed, removed by null, and left alone when left out', async () => {
  const notes = { description: 'Releases.\nAsk Ann.', metadata: { team: 'core', limit: { perDay: 20, none: null } } };
  const { id, secret } = await town.issue(town.ann.token, { owner: town.acme, ...notes });
  const read = async (credential: string) => (await town.gateway.ask(READ, { id }, credential)).data?.['key'];
  for (const credential of [town.mia.token, secret]) expect(await read(credential)).toEqual(notes);
  expect(await read(town.eve.token)).toBeNull();

  expect(await update({ keyId: id, name: 'renamed' })).toMatchObject({ key: notes });
  const metadata = { ticket: 'OPS-7' };
  expect(await update({ keyId: id, metadata })).toMatchObject({ key: { ...notes, metadata } });
  expect(await update({ keyId: id, description: null })).toMatchObject({ key: { description: null, metadata } });
  expect(await update({ keyId: id, metadata: null })).toMatchObject({ key: { description: null, metadata: null } });
  const events = (await eventsOf(id)).filter(({ type }) => type === 'KEY_UPDATED');
  expect(events.map(({ data }) => data)).toMatchObject([
    { changed: ['name'] },
    { changed: ['metadata'], before: {}, after: {} },
    { changed: ['description'] },
    { changed: ['metadata'] },
  ]);
  expect(await town.gateway.prisma.key.findUnique({ where: { id } })).toMatchObject({
    description: null,
    metadata: null,
  });
});

test('notes: what they say is in no event and no log', async () => {
  const words = { description: 'a note for people', metadata: { word: 'a note for programs' } };
  const { id } = await town.issue(town.ann.token, { owner: town.acme, ...words });
  await update({ keyId: id, description: 'another note for people', metadata: { word: 'another note for programs' } });
  await update({ keyId: id, description: null, metadata: null });
  const told = JSON.stringify((await eventsOf(id)).map(({ data }) => data)) + town.gateway.logged.join('');
  expect(told).toContain('metadata');
  expect(told).not.toMatch(/note for/);
});

test('notes: what looks like a secret is refused at issue and update, and is neither repeated nor stored', async () => {
  const { id } = await town.issue(town.ann.token, { owner: town.acme });
  const secret = `ghp_${'aB3dE5gH7jK9'.repeat(3)}`;
  const wrong = [
    { description: `use ${secret}` },
    { metadata: { token: secret } },
    { metadata: { a: [{ [secret]: true }] } },
  ];
  const issue = 'mutation ($input: IssueKeyInput!) { issueKey(input: $input) { __typename } }';
  for (const notes of wrong) {
    const input = { realm: 'default', name: 'release', scopes: [PUSH], ...notes };
    const answers = [
      await update({ keyId: id, ...notes }),
      (await town.gateway.ask(issue, { input }, town.ann.token)).errors?.[0],
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        message: expect.stringContaining('found what looks like a token of GitHub'),
        extensions: { code: 'BAD_USER_INPUT' },
      });
      expect(JSON.stringify(answer)).not.toContain(secret);
    }
  }
  expect(await town.gateway.prisma.key.count({ where: { description: { contains: secret } } })).toBe(0);
  expect(town.gateway.logged.join('')).not.toContain(secret);
});

test('notes: a repeat under one idempotency key tells a removal from a request without the note', async () => {
  const { id } = await town.issue(town.ann.token, { owner: town.acme, description: 'first' });
  const once = { keyId: id, name: 'same', idempotencyKey: 'notes-1' };
  expect(await update(once)).toMatchObject({ key: { description: 'first' } });
  expect(await update({ ...once, description: null })).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await update(once)).toMatchObject({ key: { description: 'first' } });
});
