import { expect, test } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import type { Follower } from '../../src/log/follower.ts';
import { followLog } from '../../src/log/follow-log.ts';
import type { Clock } from '../../src/store/clock.ts';
import { makeBareKeys, touch } from '../support/bare-keys.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { allEvents, openFollower } from '../support/follower.ts';
import { seededDraw, type Draw } from '../support/seeded-random.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** How many changes run, and how many of them are open at once on each of two nodes. */
const CHANGES = isLong ? 6_000 : 800;
const OPEN_ON_A_NODE = 100;
const KEYS = 40;
const SEEDS = isLong ? [1, 2, 3, 4, 5] : [1];

/** What each event says of its change. */
interface EventData {
  /** How many changes of this key there had been, with this one. */
  readonly count: number;
  readonly part: number;
  readonly eventCount: number;
  /** How many changes had begun before this one. */
  readonly begun: number;
}

class RolledBack extends Error {}

/** A change under the test's control: it stands still, before or after it has locked its key, until it is let on. */
interface GatedChange {
  readonly core: OpenCore;
  readonly isRolledBack: boolean;
  release(): void;
  readonly ended: Promise<void>;
}

/** Every change tells of one to three events of a key, counted; one in five thinks better of it and is rolled back. */
function startGatedChange(core: OpenCore, keys: readonly string[], draw: Draw, begun: number): GatedChange {
  const gate = Promise.withResolvers<void>();
  const keyId = draw.pick(keys);
  const isRolledBack = draw.isChance(0.2);
  const hasLocked = draw.isChance(0.5);
  const eventCount = 1 + draw.below(3);
  const ended = change(core, async ({ tx, record }) => {
    if (!hasLocked) await gate.promise;
    const count = await touch(tx, keyId);
    for (let part = 1; part <= eventCount; part += 1) {
      record(
        untypedDraft({
          type: 'KEY_UPDATED',
          at: core.clock.now(),
          keyId,
          actor: systemActor,
          data: { count, part, eventCount, begun },
        }),
      );
    }
    if (hasLocked) await gate.promise;
    if (isRolledBack) throw new RolledBack();
  }).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return { core, isRolledBack, release: gate.resolve, ended };
}

/** A reader that looks at random moments, straight into the database, and goes on from its cursor. */
async function readByCursor(core: OpenCore, draw: Draw, isOver: () => boolean): Promise<Event[]> {
  const seen: Event[] = [];
  for (let isLast = false; !isLast;) {
    isLast = isOver();
    const position = seen.at(-1)?.position ?? 0n;
    const where = { position: { gt: position } };
    const page = await core.prisma.event.findMany({ where, orderBy: { position: 'asc' }, take: 1 + draw.below(50) });
    seen.push(...page);
    isLast &&= page.length === 0;
  }
  return seen;
}

/** A reader of a node's log, from a place to the end. */
async function readStream(follower: Follower, clock: Clock, after: bigint, upTo: Promise<bigint>): Promise<Event[]> {
  const seen: Event[] = [];
  const ended = new AbortController();
  let end = -1n;
  void upTo.then((position) => {
    end = position;
    if ((seen.at(-1)?.position ?? after) >= end) ended.abort();
  });
  const options = { signal: ended.signal, getQuery: () => allEvents };
  for await (const { events } of followLog({ follower, clock }, after, options)) {
    for (const event of events) {
      seen.push(event);
      if (event.position === end) return seen;
    }
  }
  return seen;
}

test.for(SEEDS)(
  'law 7: changes of two nodes held open together and committed in any order are read once each, without a gap, a key’s in its order (seed %i)',
  { timeout: isLong ? 300_000 : 60_000 },
  async (seed) => {
    const draw = seededDraw(seed);
    const a = await openCore({ poolSize: OPEN_ON_A_NODE + 5 });
    const b = await openCore({ database: a.database, clock: a.clock, poolSize: OPEN_ON_A_NODE + 5 });
    const reading = await openCore({ database: a.database, clock: a.clock });
    const keys = await makeBareKeys(a, KEYS);
    // On a busy machine a read may exceed its timeout: it is reported and repeated, and nothing is lost.
    const followers = await Promise.all(
      [a, b].map(async (core) => (await openFollower(core, { mayFail: true })).follower),
    );
    let isOver = false;
    const end = Promise.withResolvers<bigint>();
    const readers = [
      readByCursor(reading, seededDraw(seed + 100), () => isOver),
      readByCursor(reading, seededDraw(seed + 200), () => isOver),
      ...followers.map((follower) => readStream(follower, a.clock, 0n, end.promise)),
    ];

    const open = new Set<GatedChange>();
    let committed = 0;
    const letOne = () => {
      const one = draw.pick([...open]);
      open.delete(one);
      if (!one.isRolledBack) committed += 1;
      one.release();
      return one.ended;
    };
    const ended: Promise<void>[] = [];
    const ending = new Set<Promise<void>>();
    // Each node has a connection for each of its changes, and some to read with.
    const unfinished = new Map([a, b].map((core) => [core, 0]));
    const track = (core: OpenCore, step: number) => unfinished.set(core, unfinished.get(core)! + step);
    const idlest = () => (unfinished.get(a)! <= unfinished.get(b)! ? a : b);
    for (let made = 0; made < CHANGES; made += 1) {
      while (open.size + ending.size >= 2 * OPEN_ON_A_NODE) {
        if (open.size > 0) {
          const one = letOne();
          ended.push(one);
          ending.add(one);
          void one.finally(() => ending.delete(one));
        }
        // What was let on takes a while, or waits for a key that one which is still held has locked.
        if (ending.size >= 20 || open.size === 0) await Promise.race([...ending, reading.prisma.$queryRaw`SELECT 1`]);
      }
      const started = startGatedChange(idlest(), keys, draw, made);
      open.add(started);
      track(started.core, 1);
      void started.ended.finally(() => track(started.core, -1));
      if (draw.isChance(0.1)) {
        const after = draw.pick(followers).head;
        readers.push(
          readStream(draw.pick(followers), a.clock, after > 0n ? BigInt(draw.below(Number(after))) : 0n, end.promise),
        );
      }
    }
    while (open.size > 0) ended.push(letOne());
    await Promise.all(ended);
    isOver = true;
    const all = await a.prisma.event.findMany({ orderBy: { position: 'asc' } });
    end.resolve(BigInt(all.length));

    // The log itself: no gap, one change's events together, a key's in the order of its changes, none of what was
    // rolled back.
    expect(all.map(({ position }) => Number(position))).toEqual(all.map((_, index) => index + 1));
    const told = all.map(({ keyId, data }) => ({ keyId, ...(data as unknown as EventData) }));
    const counts = new Map<string | null, number>();
    for (let index = 0; index < told.length; index += told[index]!.eventCount) {
      const { keyId, count, eventCount, begun } = told[index]!;
      const parts = Array.from({ length: eventCount }, (_, part) => ({
        keyId,
        count,
        part: part + 1,
        eventCount,
        begun,
      }));
      expect(told.slice(index, index + eventCount)).toEqual(parts);
      expect(count).toBe((counts.get(keyId) ?? 0) + 1);
      counts.set(keyId, count);
    }
    // It was not the order in which they began: most were overtaken.
    const overtaken = told.filter(({ begun }, index) => begun < (told[index - 1]?.begun ?? 0)).length;
    expect(overtaken).toBeGreaterThan(CHANGES / 4);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(committed);

    // Every reader: exactly the rest of the log from where it began.
    const ids = all.map(({ id }) => id);
    for (const seen of await Promise.all(readers)) {
      expect(seen.map(({ id }) => id)).toEqual(seen.length === 0 ? [] : ids.slice(-seen.length));
    }
    const [first = [], second = []] = await Promise.all(readers.slice(0, 2));
    expect([first.length, second.length]).toEqual([ids.length, ids.length]);
  },
);
