import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  PUBLISHED_AHEAD_MS,
  SIGNED_LIFETIME_MS,
  SIGNING_KEY_AGE_MS,
  SigningKeys,
} from '../../src/accounts/signing-keys.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer, SealError } from '../../src/store/sealing.ts';
import { ManualClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';

const minuteMs = 60_000;
const log = { info() {}, warn() {} };
const sealer = new Sealer(new Uint8Array(32).fill(1), systemRandom);

let store: Store;
let clock: ManualClock;
/** How many statements ran on the table of signing keys. */
let queryCount = 0;
let isGone = false;

beforeAll(async () => {
  store = openStore(await freshDatabase(), { poolSize: 20, log });
});

afterAll(() => store.close());

beforeEach(async () => {
  await store.prisma.signingKey.deleteMany();
  clock = new ManualClock();
  queryCount = 0;
});

/** The signing keys as one node of the gateway has them. */
function node(nodeSealer = sealer): SigningKeys {
  const prisma = store.prisma.$extends({
    query: {
      signingKey: {
        $allOperations: ({ args, query }) => {
          queryCount += 1;
          if (isGone) throw new Error('the database is gone');
          return query(args);
        },
      },
    },
  }) as unknown as Store['prisma'];
  return new SigningKeys({ prisma, clock, random: systemRandom, sealer: nodeSealer });
}

async function publishedIds(keys: SigningKeys): Promise<unknown[]> {
  return (await keys.jwks()).keys.map(({ kid }) => kid);
}

test('signing keys: ten concurrent nodes create one key', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, async () => (await node().current()).id));
  expect(new Set(ids).size).toBe(1);
  expect(await store.prisma.signingKey.count()).toBe(1);
});

test('signing keys: a token of one node verifies on another, and by the published key set', async () => {
  const { id, privateKey } = await node().current();
  const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'EdDSA', kid: id }).sign(privateKey);
  const other = node();
  expect((await jwtVerify(token, (await other.find(id))!)).payload).toEqual({ a: 1 });
  const jwks = await other.jwks();
  expect(jwks.keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: id, alg: 'EdDSA', use: 'sig' }]);
  expect((await jwtVerify(token, createLocalJWKSet(jwks))).payload).toEqual({ a: 1 });
});

test('signing keys: a key is followed by another after 30 days, which is published for an hour before it signs', async () => {
  const [one, two] = [node(), node()];
  const first = (await one.current()).id;
  await two.current();
  clock.advance(SIGNING_KEY_AGE_MS - 1);
  expect(await publishedIds(one)).toEqual([first]);
  clock.advance(1);
  expect((await one.current()).id).toBe(first);
  const [, second] = await publishedIds(one);
  expect(second).toEqual(expect.any(String));
  clock.advance(PUBLISHED_AHEAD_MS - 1);
  expect((await one.current()).id).toBe(first);
  clock.advance(1);
  expect((await one.current()).id).toBe(second);
  // The other node has not looked until now, and comes to the same.
  expect((await two.current()).id).toBe(second);
  expect(await publishedIds(two)).toEqual([first, second]);
});

test('signing keys: a key is published until the last that it may have signed has ended, and then its row goes', async () => {
  const keys = node();
  const first = (await keys.current()).id;
  clock.advance(SIGNING_KEY_AGE_MS);
  await keys.current();
  clock.advance(PUBLISHED_AHEAD_MS + SIGNED_LIFETIME_MS);
  // The last token of the first key ends now; a minute is kept for clocks that differ.
  expect(await publishedIds(keys)).toContain(first);
  expect(await keys.find(first)).not.toBeNull();
  clock.advance(minuteMs);
  expect(await keys.find(first)).toBeNull();
  expect(await publishedIds(keys)).not.toContain(first);
  expect(await store.prisma.signingKey.findUnique({ where: { id: first } })).toBeNull();
});

test('signing keys: through a year of daily use there are at most two, and every token of 12 hours verifies to its end', async () => {
  const [one, two] = [node(), node()];
  let pending: { id: string; endsAt: number }[] = [];
  for (let step = 0; step < 365 * 4; step += 1) {
    const { id } = await (step % 3 === 0 ? two : one).current();
    pending.push({ id, endsAt: clock.now().getTime() + SIGNED_LIFETIME_MS });
    clock.advance(6 * 60 * minuteMs - 1);
    pending = pending.filter(({ endsAt }) => endsAt > clock.now().getTime());
    for (const token of pending) expect(await (step % 2 === 0 ? one : two).find(token.id)).not.toBeNull();
    clock.advance(1);
  }
  expect(await store.prisma.signingKey.count()).toBeLessThanOrEqual(2);
});

test('signing keys: ten nodes with a due key create one key', async () => {
  const nodes = Array.from({ length: 10 }, () => node());
  await Promise.all(nodes.map((each) => each.current()));
  clock.advance(SIGNING_KEY_AGE_MS);
  await Promise.all(nodes.map((each) => each.current()));
  expect(await store.prisma.signingKey.count()).toBe(2);
});

test('signing keys: known keys come from memory, and a flood of unknown ids reads once in 10 s', async () => {
  const keys = node();
  const { id } = await keys.current();
  queryCount = 0;
  for (let round = 0; round < 100; round += 1) await keys.find(id);
  expect(queryCount).toBe(0);
  clock.advance(10_000);
  await Promise.all(Array.from({ length: 1000 }, (_, index) => keys.find(`unknown${index}`)));
  expect(queryCount).toBe(1);
  clock.advance(9_999);
  await keys.find('unknown');
  expect(queryCount).toBe(1);
  clock.advance(1);
  await keys.find('unknown');
  expect(queryCount).toBe(2);
});

test('signing keys: the database holds no private half in the clear', async () => {
  const { privateKey } = await node().current();
  const { d } = privateKey.export({ format: 'jwk' });
  const [row] = await store.prisma.$queryRaw<[{ text: string }]>`SELECT s::text AS text FROM "SigningKey" s`;
  expect(d).toHaveLength(43);
  expect(row.text).not.toContain(d);
  expect(row.text).not.toContain(Buffer.from(d!, 'base64url').toString('hex'));
  expect(row.text).not.toContain(Buffer.from(d!).toString('hex'));
});

test('signing keys: a changed sealing key is refused, and creates no new key', async () => {
  await node().current();
  const stranger = node(new Sealer(new Uint8Array(32).fill(2), systemRandom));
  await expect(stranger.current()).rejects.toThrow(SealError);
  expect(await store.prisma.signingKey.count()).toBe(1);
});

test('signing keys: a token signed by a row that was not created under the sealing key is refused', async () => {
  const keys = node();
  const { id } = await keys.current();
  const row = await store.prisma.signingKey.findUniqueOrThrow({ where: { id } });
  const createdAt = new Date(clock.now().getTime() + 1);
  await store.prisma.signingKey.create({ data: { ...row, publicJwk: {}, id: 'forged', createdAt } });
  clock.advance(10_000);
  await expect(keys.find('forged')).rejects.toThrow(SealError);
  expect(await keys.find(id)).not.toBeNull();
});

test('signing keys: while the database is unavailable known keys verify, and unknown ids are errors, not refusals', async () => {
  const keys = node();
  const { id } = await keys.current();
  clock.advance(10_000);
  isGone = true;
  expect(await keys.find(id)).not.toBeNull();
  await expect(keys.find('unknown')).rejects.toThrow('the database is gone');
  isGone = false;
  expect(await keys.find('unknown')).toBeNull();
});
