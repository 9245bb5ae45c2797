import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { commandTable } from '../../src/cli/all-commands.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { measureWidth } from '../../src/cli/text-width.ts';
import { drawLanes } from '../../src/cli/timeline/draw-timeline.ts';
import type { FetchedTimeline } from '../../src/cli/timeline/fetch-timeline.ts';
import { choosePictureFrame } from '../../src/cli/timeline/picture-frame.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { openLoggedInWorld, type CommandWorld } from '../support/command-world.ts';
import { makeManyKeys } from '../support/many-keys.ts';

const UTF8 = { LANG: 'C.UTF-8' };

/** Runs the command on a terminal of this width; null: into a pipe. */
async function drawAt({ home }: CommandWorld, words: string[], columns: number | null, env: Record<string, string>) {
  let seen = '';
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    seen += chunk.toString();
    done();
  };
  const [out, err] = [new Writable({ write }), new Writable({ write: (_chunk, _encoding, done) => done() })];
  if (columns !== null) Object.assign(out, { isTTY: true, columns });
  const input = new PassThrough();
  input.end();
  const status = await runCommand(commandTable, ['timeline', ...words], {
    env: { HOME: home, ...env },
    streams: { out, err },
    input,
  });
  return { status, seen, lines: stripVTControlCharacters(seen).trimEnd().split('\n') };
}

/** Keys of Pia and of an organization with a hostile name: by hand and renewing by themselves. */
async function fillWorld(world: CommandWorld) {
  const { gateway, pia } = world;
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const now = gateway.clock.now();
  await gateway.prisma.account.update({
    where: { id: pia.id },
    data: { name: '発行\u001B[31m部 the release team of Acme' },
  });
  const stop = (days: number) => {
    const stopsAt = addMs(now, days * DAY_MS);
    return { stopsAt, stopsBasis: 'HARD', expiresAt: stopsAt, expiryBasis: 'HARD', accountId: pia.id } as const;
  };
  await makeManyKeys(gateway.services, realmId, [
    { ...stop(3), name: 'by hand' },
    { ...stop(3), name: 'by hand too' },
    { ...stop(20), name: 'robot', isSelfRenewing: true, renewalDueAt: addMs(now, 10 * DAY_MS) },
    { ...stop(200), name: 'far' },
  ]);
  const freeze = { realmId, from: addMs(now, 30 * DAY_MS), to: addMs(now, 33 * DAY_MS), reason: 'holidays' };
  await gateway.prisma.freeze.create({ data: freeze });
}

test('timeline: by hand stands above the line, by itself below it, in words, signs and place', async () => {
  const world = await openLoggedInWorld();
  await fillWorld(world);
  const { status, lines } = await drawAt(world, [], 100, UTF8);
  expect(status).toBe(0);
  const [dates = '', upper = '', lower = ''] = lines;
  expect(dates).toMatch(/\d\d \w{3} +\d\d \w{3}/);
  expect(upper).toMatch(/^発行.* ··.█·.*2 by hand$/);
  expect(lower).toMatch(/^ +·+█·+░+·+  1 by itself$/);
  // The columns of both lines are the same days.
  const columnOf = (line: string, sign: string) => measureWidth(line.slice(0, line.indexOf(sign)));
  expect(columnOf(lower, '█') - columnOf(upper, '█')).toBe(17);
  expect(lines.join('\n')).toContain('░ freeze ');
  expect(lines.join('\n')).not.toContain('far');
});

test('timeline: every width has its picture, in plain ASCII too, and colors only where they are wanted', async () => {
  const world = await openLoggedInWorld();
  await fillWorld(world);
  for (const columns of [40, 60, 80, 120, 200, null]) {
    for (const words of [[], ['--by', 'key'], ['--by', 'realm', '--for', '26w']]) {
      const unicode = await drawAt(world, words, columns, UTF8);
      const ascii = await drawAt(world, words, columns, { LANG: 'C' });
      const plain = await drawAt(world, words, columns, { ...UTF8, NO_COLOR: '1' });
      expect([unicode.status, ascii.status, plain.status]).toEqual([0, 0, 0]);
      for (const { lines } of [unicode, ascii]) {
        const picture = lines.slice(0, lines.indexOf(''));
        expect(picture.length).toBeGreaterThan(1);
        for (const line of picture) expect(measureWidth(line)).toBeLessThanOrEqual(columns ?? 80);
      }
      // Names are what people chose.
      expect(ascii.lines.join('').replaceAll(/[発行部]/g, '')).toMatch(/^[ -~]*$/);
      // eslint-disable-next-line no-control-regex
      expect(unicode.seen.replaceAll(/\u001B\[\d+m/g, '')).not.toContain('\u001B');
      expect(plain.seen).not.toContain('\u001B');
      // Without colors the same is said.
      expect(plain.lines).toEqual(unicode.lines);
      expect(unicode.seen.includes('\u001B[')).toBe(columns !== null);
    }
  }
});

test('timeline: keys are shown soonest first, with a sign for who renews them', async () => {
  const world = await openLoggedInWorld();
  await fillWorld(world);
  const { lines } = await drawAt(world, ['--by', 'key'], 100, UTF8);
  expect(lines[1]).toMatch(/^by hand( too)? +───▲ in \d days$/);
  expect(lines[3]).toMatch(/^robot +┄{20}▽ in \d+ days \(renews\)$/);
  const few = await drawAt(world, ['--by', 'key', '--first', '1'], 100, UTF8);
  expect(few.lines.at(-1)).toBe('2 more; --first shows up to 100.');
  // What has no room is said.
  const narrow = await drawAt(world, ['--for', '26w'], 40, UTF8);
  expect(narrow.lines.at(-1)).toMatch(/^It ends on \d{4}-\d\d-\d\d: a wider terminal/);
  expect((await drawAt(world, ['--for', '26w'], 100, UTF8)).lines.join('')).not.toContain('It ends on');
});

test('timeline: --json has the numbers, and wrong options are refused', async () => {
  const world = await openLoggedInWorld();
  await fillWorld(world);
  const { json } = await world.run(['timeline', '--json', '--for', '4w', '--step', 'day']);
  expect(json.lanes).toMatchObject([{ id: world.pia.id, counts: { byHand: expect.any(Array) } }]);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  expect([sum(json.total.byHand), sum(json.total.byItself), sum(json.total.renewals)]).toEqual([2, 1, 1]);
  expect(json.total.byHand).toHaveLength(json.periods.length);
  expect([json.step, json.hasMore]).toEqual(['DAY', false]);
  const keys = await world.run(['timeline', '--by', 'key', '--json']);
  expect(keys.json.keys.map(({ name, byHand }: any) => [name, byHand]).toSorted()).toEqual([
    ['by hand too', true],
    ['by hand', true],
    ['robot', false],
  ]);
  expect((await world.run(['timeline', '--label', 'repo=none'])).stdout).toBe('No key stops in this time.\n');
  for (const words of [
    ['--for', '0d'],
    ['--for', '500d', '--step', 'day'],
    ['--first', '0'],
    ['--first', '101'],
    ['--by', 'x'],
  ]) {
    expect((await world.run(['timeline', ...words])).status).toBe(64);
  }
});

test('timeline: few keys are seen beside many, on one scale for all owners', () => {
  const counts = (byHand: number[]) => ({ byHand, byItself: [0, 0], renewals: [0, 0], retirements: [0, 0] });
  const timeline: FetchedTimeline = {
    at: '2026-11-30T00:00:00.000Z',
    from: '2026-11-30T00:00:00.000Z',
    to: '2026-12-02T00:00:00.000Z',
    step: 'DAY',
    periods: ['2026-11-30T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    total: counts([10_000, 1]),
    lanes: [
      { id: 'a', name: 'many', counts: counts([9_999, 0]) },
      { id: 'b', name: 'few', counts: counts([1, 1]) },
    ],
    hasMore: true,
    freezes: [],
  };
  const range = { from: new Date(timeline.from), to: new Date(timeline.to), step: null };
  const frame = choosePictureFrame({ columns: 60, isUtf8: true }, range);
  const lines = drawLanes(timeline, frame, { style: (_style, text) => text });
  expect(lines.find((line) => line.startsWith('many'))).toContain('█');
  expect(lines.find((line) => line.startsWith('few'))).toMatch(/▁▁.*2 by hand$/);
  expect(lines.find((line) => line.startsWith('few'))).not.toContain('█');
  expect(lines.find((line) => line.startsWith('All'))).toContain('10001 by hand');
  expect(lines.at(-1)).toContain('--first');
});
