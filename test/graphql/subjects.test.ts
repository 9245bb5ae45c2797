import { beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { changeKey, ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH, type IssuedKey, type Town } from '../support/town.ts';

// One gateway for all tests: each has customers of its own.
let town: Town;
let backend: IssuedKey;

const UPDATE_REALM = /* GraphQL */ `
  mutation ($input: UpdateRealmInput!) {
    updateRealm(input: $input) {
      ... on UpdateRealmSuccess {
        realm {
          subjectCeilings {
            label {
              name
              value
            }
            scopes {
              action
              resource
            }
          }
        }
      }
    }
  }
`;
const UPSERT = subjectMutation('upsertSubject');
const DISABLE = subjectMutation('disableSubject');
const REMOVE = subjectMutation('removeSubject');

function subjectMutation(name: string): string {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename
    ... on ${type}Success { subject { id externalId name email disabledAt removedAt labels { name value } } }
    ... on UserError { code message } } }`;
}

const KEY = /* GraphQL */ `
  query ($id: ID!) {
    key(id: $id) {
      state
      owner {
        __typename
        id
        name
      }
      issuedBy {
        kind
        id
      }
      holds {
        source
      }
      events(first: 100) {
        edges {
          node {
            type
            data
          }
        }
      }
    }
  }
`;
const SUBJECTS = /* GraphQL */ `
  query ($filter: SubjectFilter) {
    subjects(realm: "default", filter: $filter) {
      edges {
        node {
          id
          externalId
          name
          keys {
            edges {
              node {
                id
              }
            }
          }
        }
      }
    }
  }
`;

const FREE = { action: 'package:push', resource: 'Free.*' };
const PRO = { action: 'package:push', resource: 'Pro.*' };

beforeAll(async () => {
  town = await openTown();
  const ceilings = [{ scopes: [FREE] }, { label: { name: 'policy/plan', value: 'pro' }, scopes: [PRO] }];
  const updated = await send(UPDATE_REALM, { realm: 'default', subjectCeilings: ceilings }, town.admin.token);
  expect(updated).toEqual({ realm: { subjectCeilings: [{ label: null, scopes: [FREE] }, ceilings[1]] } });
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  backend = await town.issue(town.admin.token, { name: 'backend', owner: town.acme, scopes });
  return () => town.gateway.stop();
});

async function send(query: string, input: object, credential: string | null): Promise<any> {
  const { data, errors } = await town.gateway.ask(query, { input }, credential);
  return errors === undefined ? Object.values(data!)[0] : { errors: errors.map((error: any) => error.extensions.code) };
}

function issueFor(subject: object | null, credential: string, more: object = {}): Promise<any> {
  const owner = subject === null ? {} : { ownerOf: { subject } };
  return send(ISSUE_KEY, { realm: 'default', name: 'laptop', scopes: [FREE], ...owner, ...more }, credential);
}

const act = (name: string, keyId: string, credential: string, more: object = {}) =>
  send(changeKey(name as Parameters<typeof changeKey>[0]), { keyId, reason: 'for a test', ...more }, credential);

const verify = async (secret: string) => {
  const query = VERIFY_KEY.replace('outcome', 'outcome key { ownerId subject { externalId } }');
  return send(query, { secret }, town.admin.token);
};

const read = async (id: string, credential = backend.secret) => {
  const { data } = await town.gateway.ask(KEY, { id }, credential);
  return data!['key'];
};

test('subjects: a backend issues the first key of a customer, and a verifier learns whose it is', async () => {
  const { key, secret } = await issueFor({ externalId: 'cust-1', name: 'Customer 1' }, backend.secret);
  const again = await issueFor({ externalId: 'cust-1', name: 'another name' }, backend.secret);
  const found = await read(key.id);
  expect(found).toMatchObject({
    state: 'ACTIVE',
    owner: { __typename: 'Subject', name: 'Customer 1' },
    issuedBy: { kind: 'KEY', id: backend.id },
  });
  expect(await verify(secret)).toMatchObject({
    outcome: 'VALID',
    key: { ownerId: found.owner.id, subject: { externalId: 'cust-1' } },
  });
  const { data } = await town.gateway.ask(SUBJECTS, { filter: { search: 'CUST-1' } }, backend.secret);
  const [{ node }, ...others] = data!['subjects'].edges;
  expect(others).toEqual([]);
  expect(node).toMatchObject({ id: found.owner.id, externalId: 'cust-1', name: 'Customer 1' });
  expect(node.keys.edges.map((edge: any) => edge.node.id).toSorted()).toEqual([again.key.id, key.id].toSorted());
  // The key of a subject is no child of the key that manages it.
  expect(await act('updateKey', backend.id, town.admin.token, { reason: undefined, name: 'backend 2' })).toMatchObject({
    key: { id: backend.id },
  });
  const { data: listed } = await town.gateway.ask(SUBJECTS, {}, town.eve.token);
  expect(listed!['subjects'].edges).toEqual([]);
});

test('subjects: two first keys at once make one subject', async () => {
  const issued = await Promise.all(
    ['a', 'b', 'c'].map((name) => issueFor({ externalId: 'twins' }, backend.secret, { name })),
  );
  const owners = await Promise.all(issued.map(async ({ key }) => (await read(key.id)).owner.id));
  expect(new Set(owners).size).toBe(1);
});

test('subjects: the ceiling of the realm limits what a backend gives, by labels that administrators write', async () => {
  const subject = { externalId: 'cust-plan' };
  expect(await issueFor(subject, backend.secret, { scopes: [PRO] })).toMatchObject({ __typename: 'ScopeNotAllowed' });
  const found = await town.gateway.ask(SUBJECTS, { filter: { externalId: 'cust-plan' } }, backend.secret);
  expect(found.data!['subjects'].edges).toEqual([]);
  const pro = { realm: 'default', ...subject, labels: [{ name: 'policy/plan', value: 'pro' }] };
  expect(await send(UPSERT, pro, backend.secret)).toEqual({ errors: ['FORBIDDEN'] });
  expect((await send(UPSERT, pro, town.admin.token)).subject.labels).toEqual(pro.labels);
  const own = { realm: 'default', ...subject, labels: [{ name: 'team', value: 'a' }] };
  expect((await send(UPSERT, own, backend.secret)).subject.labels).toHaveLength(2);
  expect(await issueFor(subject, backend.secret, { scopes: [FREE, PRO] })).toMatchObject({
    __typename: 'IssueKeySuccess',
  });
  for (const action of ['keytide:read', 'keytide:issue', 'keytide:verify', 'keytide:manage', 'keytide:follow']) {
    const scopes = [{ action, resource: '**' }];
    expect(await issueFor(subject, backend.secret, { scopes })).toMatchObject({ __typename: 'ScopeNotAllowed' });
  }
  const other = await town.issue(town.admin.token, {
    realm: 'other',
    owner: town.acme,
    scopes: [{ action: 'keytide:manage', resource: '**' }],
  });
  const refused = await issueFor(subject, other.secret, { realm: 'other', scopes: [PUSH] });
  expect(refused).toMatchObject({ __typename: 'ScopeNotAllowed', message: expect.stringContaining('subjectCeilings') });
});

test('subjects: a key with keytide:manage is given by administrators only, and never by a key', async () => {
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  const input = { realm: 'default', name: 'x', scopes };
  expect(await send(ISSUE_KEY, input, town.olga.token)).toMatchObject({ __typename: 'ScopeNotAllowed' });
  const both = [...scopes, { action: 'keytide:issue', resource: '**' }];
  const parent = await town.issue(town.admin.token, { owner: town.acme, scopes: both });
  expect(await send(ISSUE_KEY, input, parent.secret)).toMatchObject({ __typename: 'ScopeNotAllowed' });
});

test('subjects: a backend manages the keys of its subjects, and no other key exists for it', async () => {
  const { key, secret } = await issueFor({ externalId: 'cust-2' }, backend.secret);
  const { token } = town.olga;
  const olgas = await town.issue(token);
  const acmes = await town.issue(town.ann.token, { owner: town.acme });
  for (const id of [olgas.id, acmes.id]) {
    expect(await read(id)).toBeNull();
    for (const name of ['holdKey', 'resumeKey', 'revokeKey']) {
      expect(await act(name, id, backend.secret)).toMatchObject({ code: 'KEY_NOT_FOUND' });
    }
    for (const name of ['renewKey', 'rotateKey', 'updateKey', 'confirmRotation', 'undoRotation']) {
      expect(await act(name, id, backend.secret, { reason: undefined })).toMatchObject({ code: 'KEY_NOT_FOUND' });
    }
  }
  expect(await issueFor(null, backend.secret, { owner: town.olga.id })).toMatchObject({ code: 'OWNER_NOT_FOUND' });
  expect(await act('transferKey', key.id, backend.secret, { owner: town.acme })).toEqual({ errors: ['FORBIDDEN'] });

  const rotated = await act('rotateKey', key.id, backend.secret, { reason: undefined, gracePeriod: 'PT0S' });
  expect(rotated).toMatchObject({ key: { id: key.id } });
  expect(await verify(secret)).toMatchObject({ outcome: 'SECRET_RETIRED' });
  expect(await act('renewKey', key.id, backend.secret, { reason: undefined })).toMatchObject({ key: { id: key.id } });
  expect(await act('holdKey', key.id, backend.secret)).toMatchObject({ key: { id: key.id } });
  expect(await read(key.id)).toMatchObject({ state: 'HELD', holds: [{ source: 'backend 2 (manager)' }] });
  expect(await act('holdKey', key.id, town.admin.token)).toMatchObject({ key: { id: key.id } });
  expect(await act('resumeKey', key.id, backend.secret)).toMatchObject({ key: { id: key.id } });
  expect(await act('resumeKey', key.id, backend.secret)).toMatchObject({ code: 'HOLD_NOT_YOURS' });
  expect(await act('resumeKey', key.id, town.admin.token)).toMatchObject({ key: { id: key.id } });
  expect(await act('revokeKey', key.id, backend.secret)).toMatchObject({ key: { id: key.id } });
  const { state, events } = await read(key.id);
  expect(state).toBe('REVOKED');
  expect(events.edges.map(({ node }: any) => node.type)).toEqual([
    'KEY_ISSUED',
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_COMPLETED',
    'KEY_RENEWED',
    'KEY_HELD',
    'KEY_HELD',
    'KEY_RESUMED',
    'KEY_RESUMED',
    'KEY_REVOKED',
  ]);
});

test('subjects: a disabled subject has held keys and gets none; enabling lifts these holds alone', async () => {
  const subject = { externalId: 'cust-3' };
  const [one, two] = [await issueFor(subject, backend.secret), await issueFor(subject, backend.secret)];
  expect(await act('holdKey', two.key.id, backend.secret)).toMatchObject({ key: { id: two.key.id } });
  const disable = { realm: 'default', ...subject, reason: 'unpaid' };
  expect((await send(DISABLE, disable, backend.secret)).subject.disabledAt).not.toBeNull();
  expect(await verify(one.secret)).toMatchObject({ outcome: 'KEY_HELD' });
  expect(await issueFor(subject, backend.secret)).toMatchObject({ code: 'OWNER_NOT_ACTIVE' });
  expect(await act('resumeKey', one.key.id, backend.secret)).toMatchObject({ code: 'HOLD_NOT_YOURS' });
  expect((await send(DISABLE, { ...disable, disabled: false }, backend.secret)).subject.disabledAt).toBeNull();
  expect(await verify(one.secret)).toMatchObject({ outcome: 'VALID' });
  expect(await verify(two.secret)).toMatchObject({ outcome: 'KEY_HELD' });

  expect((await send(DISABLE, disable, town.admin.token)).subject.disabledAt).not.toBeNull();
  expect(await send(DISABLE, { ...disable, disabled: false }, backend.secret)).toMatchObject({
    code: 'SUBJECT_NOT_ACTIVE',
  });
  expect((await send(DISABLE, { ...disable, disabled: false }, town.admin.token)).subject.disabledAt).toBeNull();
});

test('subjects: a removed subject leaves its ids and no name; the log never had one', async () => {
  const subject = { externalId: 'cust-secret-name', name: 'Zelda Zimt', email: 'zelda@example.com' };
  const first = await issueFor(subject, backend.secret);
  const changed = { realm: 'default', ...subject, name: 'Zelda Zucker' };
  expect((await send(UPSERT, changed, backend.secret)).subject.name).toBe('Zelda Zucker');
  const { owner } = await read(first.key.id);
  const input = { realm: 'default', externalId: subject.externalId, reason: 'asked for it' };
  const removed = await send(REMOVE, { ...input, idempotencyKey: 'once' }, backend.secret);
  expect(removed.subject).toMatchObject({ id: owner.id, externalId: '', name: '', email: null });
  expect(await send(REMOVE, { ...input, idempotencyKey: 'once' }, backend.secret)).toEqual(removed);
  expect(await send(REMOVE, input, backend.secret)).toMatchObject({ code: 'SUBJECT_NOT_FOUND' });
  expect(await verify(first.secret)).toMatchObject({ outcome: 'KEY_REVOKED', key: { subject: null } });
  expect(await read(first.key.id)).toMatchObject({ state: 'REVOKED', owner: { id: owner.id, name: '' } });
  const { prisma } = town.gateway;
  const stored = JSON.stringify(
    [await prisma.event.findMany(), await prisma.subject.findMany(), await prisma.idempotencyRecord.findMany()],
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
  for (const text of ['Zelda', 'zelda@', 'cust-secret-name']) expect(stored).not.toContain(text);
  expect(await send(REMOVE, input, backend.secret)).toMatchObject({ code: 'SUBJECT_NOT_FOUND' });
  const next = await issueFor(subject, backend.secret);
  expect((await read(next.key.id)).owner.id).not.toBe(owner.id);
});

test('subjects: external ids are compared code point by code point; malformed ones are refused', async () => {
  const alike = ['Ümit', 'U\u0308mit', 'ümit', 'Ümit ', '\u200bÜmit', 'Ümıt', '👩\u200d🔬', '👩🔬'];
  const ids = [];
  for (const externalId of alike) {
    const { subject } = await send(UPSERT, { realm: 'default', externalId }, backend.secret);
    expect(subject.externalId).toBe(externalId);
    ids.push(subject.id);
  }
  expect(new Set(ids).size).toBe(alike.length);
  const { subject } = await send(UPSERT, { realm: 'default', externalId: '𝒳'.repeat(255) }, backend.secret);
  expect(subject.externalId).toBe('𝒳'.repeat(255));
  for (const externalId of ['', ' ', 'a\u0000b', 'a\nb', '\ud800', 'x\udc00', 'a'.repeat(256), '\u2028']) {
    expect(await send(UPSERT, { realm: 'default', externalId }, backend.secret)).toEqual({
      errors: ['BAD_USER_INPUT'],
    });
  }
});

test('subjects: only administrators transfer between subjects and accounts, inside the realm', async () => {
  const { key } = await issueFor({ externalId: 'cust-4' }, backend.secret);
  const { id: subjectId } = (await read(key.id)).owner;
  const olgas = await town.issue(town.olga.token);
  const move = (keyId: string, owner: string, token: string) =>
    act('transferKey', keyId, token, { owner, reason: undefined });
  expect(await move(olgas.id, subjectId, town.olga.token)).toMatchObject({ code: 'OWNER_NOT_FOUND' });
  expect(await move(olgas.id, subjectId, town.admin.token)).toMatchObject({ key: { id: olgas.id } });
  expect((await read(olgas.id)).owner.id).toBe(subjectId);
  expect(await move(key.id, town.olga.id, town.admin.token)).toMatchObject({ key: { id: key.id } });
  expect(await read(key.id)).toBeNull();
  const elsewhere = await town.issue(town.admin.token, { realm: 'other', owner: town.acme });
  expect(await move(elsewhere.id, subjectId, town.admin.token)).toMatchObject({ code: 'OWNER_NOT_FOUND' });
});

test('subjects: a preview of a policy names the subjects whose keys it would change', async () => {
  const { key } = await issueFor({ externalId: 'cust-5', name: 'Customer 5' }, backend.secret);
  const query = `query ($input: PreviewPolicyInput!) { previewPolicy(input: $input) { byOwner { owner { __typename name } nearerCount } } }`;
  const input = {
    realm: 'default',
    policy: 'bounded-lifetime',
    config: { longest: 'P90D', capEveryKey: 'P90D' },
    selector: { keyIds: [key.id] },
  };
  const { data, errors } = await town.gateway.ask(query, { input }, town.admin.token);
  expect(errors).toBeUndefined();
  expect(data!['previewPolicy'].byOwner).toContainEqual({
    owner: { __typename: 'Subject', name: 'Customer 5' },
    nearerCount: 1,
  });
});

test('subjects: enabling a subject lifts its own holds only, and not what an administrator took over', async () => {
  const subject = { realm: 'default', externalId: 'cust-held' };
  const { key } = await issueFor({ externalId: 'cust-held' }, backend.secret);
  const turn = (disabled: boolean, credential: string) =>
    send(DISABLE, { ...subject, disabled, reason: 'for a test' }, credential);
  await turn(true, backend.secret);
  expect(await act('holdKey', key.id, backend.secret)).toMatchObject({ key: { id: key.id } });
  expect((await read(key.id)).holds).toHaveLength(2);
  await turn(false, backend.secret);
  expect((await read(key.id)).holds).toHaveLength(1);
  await turn(true, backend.secret);
  const { prisma } = town.gateway;
  const quiet = await prisma.quietChange.count({ where: { keyIds: { has: key.id } } });
  for (let time = 0; time < 2; time += 1) await turn(true, town.admin.token);
  // It is recorded once, and the nodes learn whose the hold is now.
  const { holds, owner } = await read(key.id);
  expect(holds.map(({ source }: any) => source).toSorted()).toEqual([
    expect.stringMatching(/ \(administrator\)$/),
    expect.stringMatching(/ \(manager\)$/),
  ]);
  const where = { type: 'SUBJECT_DISABLED', ownerId: owner.id };
  const events = await prisma.event.findMany({ where, orderBy: { position: 'asc' } });
  expect(events.map(({ actorId, reason, data }) => [actorId, reason, data])).toEqual([
    [backend.id, 'for a test', { keyCount: 1, isByAdministrator: false }],
    [backend.id, 'for a test', { keyCount: 1, isByAdministrator: false }],
    [town.admin.id, 'for a test', { keyCount: 1, isByAdministrator: true }],
  ]);
  expect(await prisma.quietChange.count({ where: { keyIds: { has: key.id } } })).toBe(quiet + 1);
  expect(await turn(false, backend.secret)).toMatchObject({ code: 'SUBJECT_NOT_ACTIVE' });
  await turn(false, town.admin.token);
  expect((await read(key.id)).holds).toHaveLength(1);
});

test('subjects: enabling a subject moves the life of a key no earlier than its notBefore', async () => {
  const subject = { realm: 'default', externalId: 'cust-later' };
  const notBefore = new Date(town.gateway.clock.now().getTime() + 300 * DAY_MS).toISOString();
  const { key } = await issueFor({ externalId: 'cust-later' }, backend.secret, { notBefore });
  for (const disabled of [true, false]) await send(DISABLE, { ...subject, disabled, reason: 'a test' }, backend.secret);
  const row = await town.gateway.prisma.key.findUniqueOrThrow({ where: { id: key.id } });
  expect(row.activeAt.toISOString()).toBe(notBefore);
});

test('subjects: a backend gets no secret with reserved scopes, and widens nothing of its own key', async () => {
  const { key: plain } = await issueFor({ externalId: 'cust-reserved' }, backend.secret);
  const owner = (await read(plain.id)).owner.id;
  const scopes = [{ action: 'keytide:follow', resource: '**' }];
  const follower = await town.issue(town.admin.token, { owner, scopes });
  expect(await act('rotateKey', follower.id, backend.secret, { reason: undefined })).toEqual({ errors: ['FORBIDDEN'] });
  expect(await act('rotateKey', plain.id, backend.secret, { reason: undefined })).toMatchObject({
    key: { id: plain.id },
  });
  const manager = await town.issue(town.admin.token, {
    owner,
    scopes: [{ action: 'keytide:manage', resource: '**' }],
    allowedAddresses: ['127.0.0.1'],
  });
  const wider = await act('updateKey', manager.id, manager.secret, { reason: undefined, allowedAddresses: [] });
  expect(wider).not.toMatchObject({ key: { id: manager.id } });
});

test('subjects: after the removal of a subject, its keys that were revoked before show nothing of it', async () => {
  const { key, secret } = await issueFor({ externalId: 'cust-gone' }, backend.secret);
  await act('revokeKey', key.id, backend.secret);
  expect(await verify(secret)).toMatchObject({ key: { subject: { externalId: 'cust-gone' } } });
  await send(REMOVE, { realm: 'default', externalId: 'cust-gone', reason: 'asked for it' }, backend.secret);
  await town.gateway.services.follower.catchUp();
  expect(await verify(secret)).toMatchObject({ outcome: 'KEY_REVOKED', key: { subject: null } });
});
