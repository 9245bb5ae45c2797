import { Client } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EventDraft } from '../../src/domain/event-detail.ts';
import { systemActor } from '../../src/domain/event.ts';
import { badUserInput } from '../../src/domain/request-error.ts';
import { changeInGroup } from '../../src/log/change-in-group.ts';
import { change, type Change } from '../../src/log/change.ts';
import { makeBareKeys } from '../support/bare-keys.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { untypedDraft } from '../support/untyped-draft.ts';
import { waitFor } from '../support/wait-for.ts';

function draft(core: OpenCore, keyId: string): EventDraft {
  return untypedDraft({ type: 'KEY_UPDATED', at: core.clock.now(), keyId, actor: systemActor, data: {} });
}

/** Runs changes of one group at the same time; the first two hold up the others until all wait. */
async function runInGroup(
  core: OpenCore,
  bodies: readonly ((change: Change<OpenCore>) => Promise<void>)[],
): Promise<readonly (string | null)[]> {
  const gate = Promise.withResolvers<void>();
  const wait = () => changeInGroup('labels', { core, body: () => gate.promise, shared: new Map() });
  const held = [wait(), wait()];
  const outcomes = bodies.map((body) =>
    changeInGroup('labels', { core, body, shared: new Map() }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
    ),
  );
  gate.resolve();
  await Promise.all(held);
  return Promise.all(outcomes);
}

function label(core: OpenCore, keyId: string, times = 1) {
  return async ({ rows, record }: Change<OpenCore>) => {
    for (let count = 0; count < times; count += 1) rows.insert('Label', { keyId, name: 'env', value: 'live' });
    record(draft(core, keyId));
  };
}

/** Returns the keys of the events and of the labels. Positions must have no gap. */
async function readChanged({ prisma }: OpenCore) {
  const events = await prisma.event.findMany({ orderBy: { position: 'asc' } });
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => BigInt(index + 1)));
  const labels = await prisma.label.findMany({ orderBy: { keyId: 'asc' } });
  return { events: events.map(({ keyId }) => keyId).toSorted(), labels: labels.map(({ keyId }) => keyId) };
}

test('group: changes that wait share a transaction; one that is refused leaves the others as they are', async () => {
  const core = await openCore();
  const ids = (await makeBareKeys(core, 12)).toSorted();
  const begin = vi.spyOn(core.prisma, '$transaction');
  const refuse = async ({ rows, record }: Change<OpenCore>) => {
    rows.insert('Label', { keyId: ids[0], name: 'refused', value: 'yes' });
    record(draft(core, 'refused'));
    throw badUserInput('refused', ['input']);
  };
  const bodies = ids.map((id) => label(core, id));
  const outcomes = await runInGroup(core, [...bodies.slice(0, 6), refuse, ...bodies.slice(6)]);
  expect(outcomes).toEqual(ids.flatMap((_, index) => (index === 6 ? ['refused', null] : [null])));
  expect(await readChanged(core)).toEqual({ events: ids, labels: ids });
  expect(begin.mock.calls.length).toBeLessThanOrEqual(4);
});

test('group: if the database refuses what one change writes, each runs alone, and only that one fails', async () => {
  const core = await openCore();
  const ids = (await makeBareKeys(core, 5)).toSorted();
  const outcomes = await runInGroup(
    core,
    ids.map((id, index) => label(core, id, index === 2 ? 2 : 1)),
  );
  expect(outcomes.map((outcome) => outcome === null)).toEqual([true, true, false, true, true]);
  const rest = ids.filter((_, index) => index !== 2);
  expect(await readChanged(core)).toEqual({ events: rest, labels: rest });
});

test('group: if one change meets a lock that is held too long, each runs alone, and only that one fails', async () => {
  const core = await openCore();
  const ids = (await makeBareKeys(core, 5)).toSorted();
  const [heldId = ''] = ids;
  const blocked = async ({ tx }: Change<OpenCore>) => {
    await tx.$executeRaw`SET LOCAL lock_timeout = '10ms'`;
    await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${heldId} FOR NO KEY UPDATE`;
  };
  const outcomes = await core.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${heldId} FOR NO KEY UPDATE`;
    return runInGroup(core, [label(core, ids[1] ?? ''), blocked, ...ids.slice(2).map((id) => label(core, id))]);
  });
  expect(outcomes.map((outcome) => outcome === null)).toEqual([true, false, true, true, true]);
  const rest = ids.slice(1);
  expect(await readChanged(core)).toEqual({ events: rest, labels: rest });
});

test('group: if the connection is lost before the commit, all fail, and none runs again', async () => {
  const core = await openCore();
  const ids = (await makeBareKeys(core, 4)).toSorted();
  let lossCount = 0;
  const lose = async ({ tx }: Change<OpenCore>) => {
    lossCount += 1;
    await tx.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`;
  };
  const outcomes = await runInGroup(core, [...ids.map((id) => label(core, id)), lose]);
  expect(outcomes.every((outcome) => outcome !== null)).toBe(true);
  expect(lossCount).toBe(1);
  expect(await readChanged(core)).toEqual({ events: [], labels: [] });
});

test('group: no change runs again when the answer to the commit is lost, and a later change runs as ever', async () => {
  const core = await openCore();
  const ids = (await makeBareKeys(core, 4)).toSorted();
  const query = Client.prototype.query as (...args: unknown[]) => unknown;
  const recording = new WeakSet<object>();
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: any, ...args: any[]) {
    const text: string = args[0]?.text ?? String(args[0]);
    if (text.includes('UPDATE "LogHead"')) recording.add(this);
    const answer = query.apply(this, args);
    if (text === 'COMMIT' && recording.has(this)) this.connection.stream.destroy();
    return answer;
  } as any);
  onTestFinished(() => spy.mockRestore());
  const outcomes = await runInGroup(
    core,
    ids.map((id) => label(core, id)),
  );
  spy.mockRestore();
  expect(outcomes.every((outcome) => outcome !== null)).toBe(true);
  await waitFor(async () => {
    const { events } = await readChanged(core);
    expect([[], ids]).toContainEqual(events);
  });
  await change(core, label(core, ids[0] ?? '', 0));
  const { events, labels } = await readChanged(core);
  expect(events.length).toBe(labels.length + 1);
});
