import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import type { PortalAction } from '../../src/domain/portal.ts';
import { createPortalSession, everyPortalAction } from '../support/portal.ts';
import { changeKey, ISSUE_KEY, RENEW_KEY, ROTATE_KEY } from '../support/operations.ts';
import { openTown, PUSH } from '../support/town.ts';

/** How many random requests are sent, and how many milliseconds that may take. */
const [REQUESTS, TIMEOUT] = process.env['KEYTIDE_TEST_LONG'] === undefined ? [400, 120_000] : [10_000, 1_800_000];

/** How many ids one request reads. */
const IDS = 10;

/** How many keys a list has: its estimated cost is below the limit. */
const PAGE_SIZE = 20;

/** After how many requests a minute passes, so that no customer reaches its rate. */
const MINUTE_AFTER = 100;

const PAGE = { Origin: 'https://app.example' };

const variables = Array.from({ length: IDS }, (_, index) => `$i${index}: ID!`).join(', ');
const NODES = `query (${variables}) { ${Array.from({ length: IDS }, (_, index) => `n${index}: node(id: $i${index}) { id }`).join(' ')} }`;
const LISTS = `{ keyCount keys(first: ${PAGE_SIZE}) { edges { node { id owner { id } events(first: 20) { edges { node { id keyId actor { id name } owner { id } } } } } } } }`;

const mutations: readonly (readonly [action: PortalAction, name: string, query: string, more?: object])[] = [
  ['RENEW', 'renewKey', RENEW_KEY],
  ['ROTATE', 'rotateKey', ROTATE_KEY],
  ['ROTATE', 'confirmRotation', changeKey('confirmRotation')],
  ['ROTATE', 'undoRotation', changeKey('undoRotation')],
  ['REVOKE', 'revokeKey', changeKey('revokeKey'), { reason: 'a random request' }],
];

test(
  'portal: over random requests, a page sees its customer’s keys and events, and nothing else',
  async () => {
    const town = await openTown();
    const { gateway } = town;
    const { prisma } = gateway;
    const scopes = [{ action: 'keytide:manage', resource: '**' }];
    const update = `mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { ... on UpdateRealmSuccess { realm { id } } } }`;
    const backends: Record<string, string> = {};
    for (const realm of ['default', 'other']) {
      const input = { realm, portalOrigins: [PAGE.Origin], subjectCeilings: [{ scopes: [PUSH] }] };
      await gateway.ask(update, { input }, town.admin.token);
      backends[realm] = (await town.issue(town.admin.token, { realm, owner: town.acme, scopes })).secret;
    }
    // The same external id in two realms is two subjects.
    const customers = ['default one', 'default One', 'default two', 'other one'];
    const sessions: { token: string; subject: string; realm: string; may: readonly string[] }[] = [];
    const choices = [everyPortalAction, ['LIST'], ['EVENTS'], ['ISSUE', 'ROTATE'], ['RENEW', 'REVOKE']];
    const openSession = async (customer: string, may: readonly string[]) => {
      const [realm = '', externalId = ''] = customer.split(' ');
      const { token } = await createPortalSession(gateway, backends[realm]!, externalId, { realm, may });
      const { id } = await prisma.subject.findFirstOrThrow({ where: { externalId, realm: { slug: realm } } });
      return { token, subject: id, realm, may };
    };
    for (const customer of customers) {
      const [realm = '', externalId = ''] = customer.split(' ');
      const ownerOf = { subject: { externalId } };
      for (let index = 0; index < 4; index += 1) await town.issue(backends[realm]!, { realm, ownerOf });
      for (const may of choices) sessions.push(await openSession(customer, may));
    }
    await town.issue(town.olga.token);

    let seed = Number(process.env['KEYTIDE_TEST_SEED'] ?? 7);
    const below = (end: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % end;
    };
    const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
    const readKeys = async () => {
      const rows = await prisma.key.findMany({
        select: { id: true, subjectId: true },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
      return new Map(rows.map((row) => [row.id, row.subjectId]));
    };
    const readEvents = async () => {
      const rows = await prisma.event.findMany({ select: { id: true, keyId: true, ownerId: true } });
      return new Map(rows.map((row) => [row.id, row]));
    };
    let [keys, events] = [await readKeys(), await readEvents()];
    const others = [
      ...(await prisma.subject.findMany()).map(({ id }) => id),
      ...(await prisma.account.findMany()).map(({ id }) => id),
      ...(await prisma.binding.findMany()).map(({ id }) => id),
      ...(await prisma.organization.findMany()).map(({ id }) => id),
    ];
    const counts: Record<string, number> = { read: 0, listed: 0, refused: 0, changed: 0, issued: 0 };

    for (let request = 0; request < REQUESTS; request += 1) {
      if (request % MINUTE_AFTER === 0) {
        gateway.clock.advance(MINUTE_MS);
        [keys, events] = [await readKeys(), await readEvents()];
      }
      const index = below(sessions.length);
      const session = sessions[index]!;
      const { token, subject, realm, may } = session;
      const ask = async (query: string, variables: object) => {
        const answer = await gateway.ask(query, variables, token, PAGE);
        if (answer.errors?.[0]?.extensions['outcome'] !== 'SESSION_ENDED') return answer;
        sessions[index] = await openSession(customers[Math.floor(index / choices.length)]!, may);
        return null;
      };
      const mayRead = ['LIST', 'RENEW', 'ROTATE', 'REVOKE'].some((action) => may.includes(action));
      const owns = (id: string) => keys.get(id) === subject;
      switch (below(4)) {
        case 0: {
          const asked = Array.from({ length: IDS }, () =>
            pick([pick([...keys.keys()]), pick([...events.keys()]), pick(others)]),
          );
          const answer = await ask(NODES, Object.fromEntries(asked.map((id, place) => [`i${place}`, id])));
          for (const [place, id] of answer === null ? [] : asked.entries()) {
            const event = events.get(id);
            const expected =
              event === undefined
                ? mayRead && owns(id)
                : may.includes('EVENTS') && event.keyId !== null && event.ownerId === subject;
            const isSeen = answer!.data[`n${place}`] !== null;
            expect([may, id, isSeen]).toEqual([may, id, expected]);
            counts['read']! += Number(isSeen);
          }
          break;
        }
        case 1: {
          const answer = await ask(LISTS, {});
          if (answer === null) break;
          expect(answer.errors).toBeUndefined();
          const listed: any[] = answer.data['keys'].edges.map(({ node }: any) => node);
          const now = await readKeys();
          const own = [...now].filter(([, owner]) => mayRead && owner === subject);
          expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(own.map(([id]) => id).slice(0, PAGE_SIZE)));
          expect(answer.data['keyCount']).toBe(own.length);
          for (const key of listed) {
            expect(key.owner).toEqual({ id: subject });
            if (!may.includes('EVENTS')) expect(key.events.edges).toEqual([]);
            for (const { node } of key.events.edges) {
              expect([node.keyId, node.owner, node.actor.name]).toEqual([key.id, null, null]);
              expect([null, key.id]).toContain(node.actor.id?.startsWith('portal_') === true ? null : node.actor.id);
            }
          }
          counts['listed']! += listed.length;
          break;
        }
        case 2: {
          const [action, name, query, more] = pick(mutations);
          const keyId = pick([...keys.keys()]);
          const answer = await ask(query, { input: { keyId, ...more } });
          if (answer === null) break;
          const result = answer.data?.[name];
          if (!owns(keyId) || !mayRead) expect([name, result.code]).toEqual([name, 'KEY_NOT_FOUND']);
          else if (!may.includes(action)) expect(answer.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
          else expect(result.code).not.toBe('KEY_NOT_FOUND');
          counts[result?.__typename?.endsWith('Success') === true ? 'changed' : 'refused']! += 1;
          break;
        }
        default: {
          const [wanted = '', externalId = ''] = pick(customers).split(' ');
          const input = { realm: wanted, name: 'random', scopes: [PUSH], ownerOf: { subject: { externalId } } };
          const answer = await ask(ISSUE_KEY, { input });
          if (answer === null) break;
          const result = answer.data['issueKey'];
          const { subjectId } =
            result.key === undefined
              ? { subjectId: null }
              : await prisma.key.findUniqueOrThrow({ where: { id: result.key.id } });
          const named = await prisma.subject.findFirstOrThrow({ where: { externalId, realm: { slug: wanted } } });
          const isAllowed = may.includes('ISSUE') && wanted === realm && named.id === subject;
          expect([wanted, externalId, subjectId]).toEqual([wanted, externalId, isAllowed ? subject : null]);
          counts[isAllowed ? 'issued' : 'refused']! += 1;
        }
      }
    }
    for (const [name, count] of Object.entries(counts)) expect([name, count > 0]).toEqual([name, true]);
  },
  TIMEOUT,
);
