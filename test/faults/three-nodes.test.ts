import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeCursor } from '../../src/log/cursor.ts';
import { freshDatabase } from '../support/database.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';
import { askNode } from './ask-node.ts';
import type { FaultyNode } from './nodes.ts';
import { socketOf } from './own-database.ts';
import { openWorld, type World } from './world.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

const REVOCATIONS = isLong ? 1_000 : 6;
const SOCKETS = isLong ? 200 : 6;
const PAUSED_MS = isLong ? 20_000 : 2_500;

/** The longest that a revocation may take to reach another node (rule 29). In ms. */
const REACH_MS = 5_000;

/** The longest that a socket stays open after what ends it. In ms; on a machine with other work to do it may be more. */
const SOCKET_MS = isLong ? 1_000 : REACH_MS;

const EVENTS = 'subscription ($after: Cursor) { events(after: $after) { cursor type key { id } } }';

const read = [{ action: 'keytide:read', resource: '**' }];

async function threeNodes(): Promise<World & { readonly nodes: readonly [FaultyNode, FaultyNode, FaultyNode] }> {
  const connectionString = await freshDatabase();
  const database = { connectionString, socket: () => socketOf(connectionString) };
  const world = await openWorld({ database, seed: 1, nodeCount: 3 });
  const [near, other, far] = world.nodes;
  if (near === undefined || other === undefined || far === undefined) throw new Error('three nodes were response for');
  return { ...world, nodes: [near, other, far] };
}

async function issue(world: World, scopes: readonly object[] = read): Promise<{ id: string; secret: string }> {
  const input = { realm: 'default', name: 'release', scopes };
  const { key, secret } = await world.mutate('issueKey', input, 'key { id } secret');
  return { id: key.id, secret };
}

/** What a node says of a secret: an outcome, or the code of an error. */
async function outcome(node: FaultyNode, { verifier }: World, secret: string, patienceMs?: number): Promise<string> {
  const response = await askNode(node, VERIFY_KEY, { secret }, verifier, patienceMs);
  return 'value' in response ? response.value.outcome : response.code;
}

/** A socket that follows all that its credential may see. */
async function openSocket(node: FaultyNode, credential: string): Promise<RawSocket> {
  const socket = await openRawSocket(node, credential);
  socket.send({ type: 'subscribe', id: '1', payload: { query: EVENTS } });
  return socket;
}

/** The position up to which a socket was told. */
function toldTo({ messages }: RawSocket): number {
  const cursors = messages.flatMap(({ payload }) => payload?.data?.events?.cursor ?? []);
  return Math.max(0, ...cursors.map((cursor: string) => Number(decodeCursor(cursor))));
}

test(
  'three nodes: a key revoked on one node is refused by the others at once, and their subscribers get the event in time',
  { timeout: 300_000 },
  async () => {
    const world = await threeNodes();
    const [near, ...others] = world.nodes;
    const sockets = await Promise.all(others.map((node) => openSocket(node, world.token)));
    const late: number[] = [];
    for (let count = 0; count < REVOCATIONS; count += 1) {
      const { id, secret } = await issue(world);
      expect(await outcome(near, world, secret)).toBe('VALID');
      await world.mutate('revokeKey', { keyId: id, reason: 'leaked' }, 'key { id }');
      const acknowledgedAt = performance.now();
      expect(await Promise.all(world.nodes.map((node) => outcome(node, world, secret)))).toEqual(
        Array.from({ length: 3 }, () => 'KEY_REVOKED'),
      );
      const isTold = ({ messages }: RawSocket) =>
        messages.some(({ payload }) => {
          const event = payload?.data?.events;
          return event?.type === 'KEY_REVOKED' && event.key.id === id;
        });
      while (!sockets.every(isTold)) await pause(1);
      late.push(performance.now() - acknowledgedAt);
    }
    expect(Math.max(...late)).toBeLessThan(REACH_MS);
  },
);

test.for([
  [
    'is revoked',
    4401,
    'KEY_REVOKED',
    'KEY_REVOKED',
    (world: World, { id }: Held) => world.mutate('revokeKey', { keyId: id, reason: 'leaked' }, 'key { id }'),
  ],
  [
    'has its secret retired',
    4403,
    'SECRET_RETIRED',
    'KEY_ROTATION_COMPLETED',
    (world: World, { id }: Held) => world.mutate('confirmRotation', { keyId: id }, 'key { id }'),
  ],
] as const)(
  'three nodes: sockets of a key that %s on one node close on another in time, and get no event after it',
  { timeout: 120_000 },
  async ([, code, reason, event, end]) => {
    const world = await threeNodes();
    const [, , far] = world.nodes;
    const held = await issue(world);
    if (reason === 'SECRET_RETIRED') await world.mutate('rotateKey', { keyId: held.id }, 'secret');
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openSocket(far, held.secret)));
    const other = await issue(world);
    let isOver = false;
    const telling = (async () => {
      for (let count = 0; !isOver; count += 1) {
        await world.mutate('updateKey', { keyId: other.id, name: `release ${count}` }, 'key { id }');
      }
    })();
    while (!sockets.every((socket) => toldTo(socket) > 0)) await pause(5);
    await end(world, held);
    const endedAt = performance.now();
    const closed = await Promise.all(sockets.map((socket) => socket.closed));
    const lastedMs = performance.now() - endedAt;
    isOver = true;
    await telling;
    expect(new Set(closed.map((one) => `${one.code} ${one.reason}`))).toEqual(new Set([`${code} ${reason}`]));
    expect(lastedMs).toBeLessThan(SOCKET_MS);
    const position = await positionOf(world, held, event);
    for (const socket of sockets) expect(toldTo(socket)).toBeLessThan(position);
  },
);

type Held = { readonly id: string };

/** Where the log has an event of a key. */
async function positionOf({ nodes: [node], token }: World, { id }: Held, type: string): Promise<number> {
  const query = `{ key(id: "${id}") { events(first: 100) { edges { node { type cursor } } } } }`;
  const response = await askNode(node!, query, {}, token);
  if (!('value' in response)) throw new Error(response.code);
  const events = response.value.events.edges.map(({ node: event }: { node: SentEvent }) => event) as SentEvent[];
  return Number(decodeCursor(events.find((event) => event.type === type)?.cursor ?? ''));
}

interface SentEvent {
  readonly type: string;
  readonly cursor: string;
}

test(
  `three nodes: a node suspended for ${PAUSED_MS / 1_000} s does not answer from its stale cache`,
  { timeout: 120_000 },
  async () => {
    const world = await threeNodes();
    const [, other, far] = world.nodes;
    const keys = await Promise.all(Array.from({ length: 4 }, () => issue(world)));
    const good = await issue(world);
    // It knows all of them, and one is listening to it.
    for (const { secret } of keys) expect(await outcome(far, world, secret)).toBe('VALID');
    const [first] = keys;
    const socket = await openSocket(far, first!.secret);
    await world.mutate('updateKey', { keyId: good.id, name: 'first' }, 'key { id }');
    while (toldTo(socket) === 0) await pause(5);

    far.signal('SIGSTOP');
    for (const { id } of keys) await world.mutate('revokeKey', { keyId: id, reason: 'leaked' }, 'key { id }');
    const revokedTo = await positionOf(world, first!, 'KEY_REVOKED');
    for (const { secret } of keys) expect(await outcome(other, world, secret)).toBe('KEY_REVOKED');
    await world.mutate('updateKey', { keyId: good.id, name: 'second' }, 'key { id }');
    // Asked while it stands still, and in the moment in which it wakes.
    const response = keys.map(({ secret }) => outcome(far, world, secret, PAUSED_MS + 10_000));
    await pause(PAUSED_MS);
    far.signal('SIGCONT');
    const woken = keys.map(({ secret }) => outcome(far, world, secret, 10_000));
    const answers = await Promise.all([...response, ...woken]);
    expect(answers.filter((answer) => answer !== 'KEY_REVOKED' && answer !== 'UNAVAILABLE')).toEqual([]);
    expect(await socket.closed).toMatchObject({ code: 4401, reason: 'KEY_REVOKED' });
    expect(toldTo(socket)).toBeLessThan(revokedTo);
    await expect.poll(() => outcome(far, world, good.secret), { timeout: REACH_MS }).toBe('VALID');
  },
);

test('three nodes: a node without its database answers UNAVAILABLE, and never refuses a valid key', async () => {
  const world = await threeNodes();
  const [, other, far] = world.nodes;
  const good = await issue(world);
  const ended = await issue(world);
  far.toDatabase.cut();
  await world.mutate('revokeKey', { keyId: ended.id, reason: 'leaked' }, 'key { id }');
  expect(await outcome(far, world, good.secret)).toBe('UNAVAILABLE');
  expect(await outcome(far, world, ended.secret)).toBe('UNAVAILABLE');
  expect(await outcome(other, world, good.secret)).toBe('VALID');
  far.toDatabase.mend();
  await expect.poll(() => outcome(far, world, good.secret), { timeout: REACH_MS }).toBe('VALID');
  expect(await outcome(far, world, ended.secret)).toBe('KEY_REVOKED');
  // A line on which everything vanishes: up to the stale bound the node answers from memory, and no longer.
  far.toDatabase.stall();
  const answers = new Set<string>();
  const answer = async () => {
    const given = await outcome(far, world, good.secret, 2 * REACH_MS);
    answers.add(given);
    return given;
  };
  await expect.poll(answer, { timeout: 3 * REACH_MS }).toBe('UNAVAILABLE');
  expect([...answers].filter((given) => given !== 'UNAVAILABLE' && given !== 'VALID')).toEqual([]);
  expect(await answer()).toBe('UNAVAILABLE');
  far.toDatabase.mend();
  await expect.poll(() => outcome(far, world, good.secret), { timeout: REACH_MS }).toBe('VALID');
});
