import { expect, onTestFinished, test, vi } from 'vitest';
import { BATCH, CANDIDATES, takeBatch } from '../../src/keys/take-batch.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { startDirectedNode } from '../support/direct-node.ts';
import { findDueMoment, makeDueKeys } from '../support/due-keys.ts';
import { type Gateway, openGateway } from '../support/gateway.ts';
import { expectInvariants } from '../support/invariants.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);
const KEYS = isLong ? 10_000 : 2_000;

/** Each key was decided once: it has its one notice and its one event, and nothing is due any more. */
async function expectEachOnce({ prisma, database, clock }: Gateway, count: number): Promise<void> {
  const notices = await prisma.event.findMany({ where: { type: 'KEY_EXPIRING' }, select: { keyId: true, at: true } });
  expect(notices).toHaveLength(count);
  expect(new Set(notices.map(({ keyId }) => keyId)).size).toBe(count);
  expect(notices.every(({ at }) => at.getTime() === clock.now().getTime())).toBe(true);
  expect(await prisma.notice.count()).toBe(count);
  expect(await prisma.key.count({ where: { reviewAt: { lte: clock.now() } } })).toBe(0);
  const client = createPgClient(database);
  await client.connect();
  onTestFinished(() => client.end());
  await expectInvariants(client);
}

test(
  `review: four nodes, one of them suspended midway, decide each of ${KEYS} keys once`,
  { timeout: 120_000 },
  async () => {
    // Their own timers don't review: each is told when.
    const first = await openGateway({ isClockTrusted: () => false });
    const count = await makeDueKeys(first, KEYS);
    const moment = findDueMoment(first);
    first.clock.travelTo(moment);
    const second = await openGateway({ database: first.database, clock: first.clock, isClockTrusted: () => false });
    const third = await startDirectedNode(first.database, moment);
    // However long it is stopped: the next test is about that.
    const stopped = await startDirectedNode(withStallLimit(first.database, 0), moment);

    // Stopped when it has locked a batch of keys and decided what it writes.
    await stopped.direct({ action: 'ARM', place: { at: 'INSERT', when: 'BEFORE' }, signal: 'SIGSTOP' });
    const late = stopped.direct({ action: 'REVIEW' });
    await lockedKeys(first);
    const beganAtMs = performance.now();
    const reviewed = await Promise.all([
      first.node.reviewer.reviewDue(),
      second.node.reviewer.reviewDue(),
      third.direct({ action: 'REVIEW' }).then(({ reviewedCount = 0 }) => reviewedCount),
    ]);
    const seconds = (performance.now() - beganAtMs) / 1000;
    const done = reviewed.reduce((sum, each) => sum + each, 0);
    // What it holds is left to it; all else is done. A poll ends when other nodes were faster too often: then the next one goes on.
    const countDue = () => first.prisma.key.count({ where: { reviewAt: { lte: moment } } });
    for (let poll = 0; poll < 20 && (await countDue()) > 200; poll += 1) await first.node.reviewer.reviewDue();
    expect(await countDue()).toBe(200);
    expect(reviewed.slice(0, 2).every((each) => each > 0)).toBe(true);
    stopped.signal('SIGCONT');
    expect((await late).reviewedCount).toBe(200);
    if (isLong) process.stdout.write(`three reviewers: ${Math.round(done / seconds)} keys/s\n`);
    await expectEachOnce(first, count);
  },
);

test('review: a node that stalls while it holds the log’s lock blocks the others only until the server ends its transaction', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const count = await makeDueKeys(gateway, 300);
  const moment = findDueMoment(gateway);
  gateway.clock.travelTo(moment);
  const [limit] = await gateway.prisma.$queryRaw<[object]>`SHOW idle_in_transaction_session_timeout`;
  expect(limit).toEqual({ idle_in_transaction_session_timeout: '10s' });
  // As in production, but that the server waits for two seconds and not for ten: a busy node may need one between statements.
  const stopped = await startDirectedNode(withStallLimit(gateway.database, 2_000), moment);
  await stopped.direct({ action: 'ARM', place: { at: 'COMMIT_OF_EVENTS', when: 'BEFORE' }, signal: 'SIGSTOP' });
  const late = stopped.direct({ action: 'REVIEW' });
  while ((await gateway.prisma.$queryRaw<[]>`SELECT 1 FROM "LogHead" FOR UPDATE SKIP LOCKED`).length > 0);

  // A write of another node, and the reviews that the stopped one had begun, while it stands still.
  expect(await gateway.admin()).toBeDefined();
  expect(await gateway.node.reviewer.reviewDue()).toBe(count);
  stopped.signal('SIGCONT');
  await expect(late).rejects.toThrow();
  await expectEachOnce(gateway, count);
});

test('review: a node reviews the oldest due keys first; beside another node, each due key is evaluated about once', async () => {
  const first = await openGateway({ isClockTrusted: () => false });
  const count = await makeDueKeys(first, 1_500);
  const moment = findDueMoment(first);
  first.clock.travelTo(moment);
  const oldest = await first.prisma.key.findMany({ orderBy: [{ reviewAt: 'asc' }, { id: 'asc' }], take: 200 });
  const second = await openGateway({ database: first.database, clock: first.clock, isClockTrusted: () => false });
  const evaluated: string[] = [];
  // Both nodes share the process for modules.
  const { policies } = first.services;
  const evaluate = policies.evaluate.bind(policies);
  const spy = vi.spyOn(policies, 'evaluate').mockImplementation((question) => {
    evaluated.push(...question.facts.map(({ key }) => `${question.hash} ${key.id}`));
    return evaluate(question);
  });
  onTestFinished(() => spy.mockRestore());
  const reviewed = await Promise.all([first.node.reviewer.reviewDue(), second.node.reviewer.reviewDue()]);
  expect(reviewed[0]! + reviewed[1]!).toBe(count);
  expect(reviewed.every((each) => each > 0)).toBe(true);
  const [hash] = evaluated[0]!.split(' ');
  const once = evaluated.filter((one) => one.startsWith(hash!));
  expect(new Set(once.slice(0, 200))).toEqual(new Set(oldest.map(({ id }) => `${hash} ${id}`)));
  expect(once.length).toBeLessThan(2 * count);
  await expectEachOnce(first, count);
});

test('review: a batch that begins at a random place takes each due key, and none twice', () => {
  const ids = Array.from({ length: CANDIDATES }, (_, index) => `${index}`);
  const seen = new Set<string>();
  for (let high = 0; high < 256; high += 1) {
    const batch = takeBatch(ids, () => Uint8Array.of(high, 0));
    expect(new Set(batch).size).toBe(BATCH);
    for (const id of batch) seen.add(id);
  }
  expect(seen.size).toBe(CANDIDATES);
  expect(takeBatch(ids.slice(0, BATCH), () => Uint8Array.of(255, 255))).toEqual(ids.slice(0, BATCH));
});

/** A connection string under which the server ends a transaction that was left lying for so many ms; 0: never. */
function withStallLimit(database: string, ms: number): string {
  const url = new URL(database);
  url.searchParams.set('options', `-c idle_in_transaction_session_timeout=${ms}`);
  return url.href;
}

/**
 * Resolves when another node has stood still for half a second in a transaction that locks keys: others lock them for a moment.
 * It locks none itself, because the nodes skip locked keys.
 */
async function lockedKeys({ prisma }: Gateway): Promise<void> {
  const held = () => prisma.$queryRaw<[]>`
    SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE relation = '"Key"'::regclass AND mode = 'RowShareLock' AND granted AND state = 'idle in transaction'
      AND state_change < clock_timestamp() - interval '500 ms'`;
  while ((await held()).length === 0);
}
