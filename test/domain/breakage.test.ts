import { describe, expect, test } from 'vitest';
import { findBreakage, type RefusedConsumer, type SecretUse } from '../../src/domain/breakage.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { outcomes, type Outcome } from '../../src/domain/verification.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { seededDraw } from '../support/seeded-random.ts';

const START = Date.UTC(2026, 0, 1);
const at = (day: number, ms = 0) => new Date(START + day * DAY_MS + ms);

function use(generation: number, first: number, last: number, more: Partial<SecretUse> = {}): SecretUse {
  const day = dayOf(at(last).getTime());
  const bits = last === first ? '1' : `1${'0'.repeat(Math.min(398, last - first - 1))}1`;
  return {
    ...{ generation, isCurrent: false, firstUsedAt: at(first), lastUsedAt: at(last), lastDay: day, days: bits },
    ...more,
  };
}

/** A key of one secret that expired on day 100, whose consumer used it from day 10 to day 90, and is refused on day 101. */
function refused(more: Partial<RefusedConsumer> = {}): RefusedConsumer {
  return {
    outcome: 'KEY_EXPIRED',
    consumer: 'ci',
    generation: 1,
    firstAt: at(101),
    lastAt: at(101),
    heldByPolicy: false,
    heldSince: null,
    isLeaked: false,
    underWayUntil: null,
    uses: [use(1, 10, 90, { isCurrent: true })],
    ...more,
  };
}

describe('breakage', () => {
  test('a consumer that worked and is refused by an expired key is broken, since it worked', () => {
    expect(findBreakage(refused())).toEqual({ at: at(101), firstUsedAt: at(10), lastUsedAt: at(90) });
  });

  const none: Readonly<Record<string, Partial<RefusedConsumer>>> = {
    'no label': { consumer: '' },
    'the consumers beyond the first 200': { consumer: '(others)' },
    'a consumer that never succeeded': { uses: [] },
    'a consumer that last succeeded more than 400 days ago': { firstAt: at(491), lastAt: at(491) },
    'a consumer that succeeded only later': { uses: [use(1, 102, 103)] },
    'a key that a person holds': { heldSince: at(95) },
    'a hold of a person or a leak': { outcome: 'KEY_HELD', heldByPolicy: false },
    'a secret that was reported as leaked': { isLeaked: true },
    'a consumer that has moved to the next secret': {
      outcome: 'SECRET_RETIRED',
      uses: [use(1, 10, 90), use(2, 95, 100, { isCurrent: true })],
    },
    'a request that was under way when its secret was replaced': {
      outcome: 'SECRET_RETIRED',
      uses: [use(1, 10, 100)],
      underWayUntil: at(101, 1),
    },
    'an older secret, once the key works with the newer one': {
      uses: [use(1, 10, 90), use(2, 95, 100, { isCurrent: true })],
    },
    'a secret of an undone rotation, once its consumer is back on the older one': {
      outcome: 'SECRET_RETIRED',
      generation: 2,
      uses: [use(1, 10, 99, { isCurrent: true }), use(2, 80, 90)],
    },
  };
  for (const [what, more] of Object.entries(none))
    test(`none: ${what}`, () => expect(findBreakage(refused(more))).toBeNull());

  const breaking: Readonly<Record<string, Partial<RefusedConsumer>>> = {
    'a key that policies alone hold': { outcome: 'KEY_HELD', heldByPolicy: true },
    'a last success exactly 400 days ago': { firstAt: at(490), lastAt: at(490) },
    'a hold of a person that began after the refusal': { heldSince: at(101, 1) },
    'a retired secret whose consumer has not moved': { outcome: 'SECRET_RETIRED', uses: [use(1, 10, 100)] },
    'a consumer that moves only after it was refused': {
      outcome: 'SECRET_RETIRED',
      uses: [use(1, 10, 100), use(2, 102, 103, { isCurrent: true })],
    },
    'the newest secret of an expired key, also of a consumer that used the older one': {
      generation: 2,
      uses: [use(1, 10, 90), use(2, 95, 100, { isCurrent: true })],
    },
    'a new secret that the consumer had not used when the key expired': {
      generation: 2,
      uses: [use(1, 10, 90)],
    },
    'a secret of an undone rotation, while its consumer is not back on the older one': {
      outcome: 'SECRET_RETIRED',
      generation: 2,
      uses: [use(1, 10, 70, { isCurrent: true }), use(2, 80, 90)],
    },
    'a key that works again since': { uses: [use(1, 10, 200, { isCurrent: true, days: null, lastDay: null })] },
  };
  for (const [what, more] of Object.entries(breaking))
    test(`breakage: ${what}`, () => expect(findBreakage(refused(more))).not.toBeNull());

  test('of a span of refusals the first that is a breakage counts', () => {
    const span = { firstAt: at(101), lastAt: at(101, HOUR_MS) };
    expect(findBreakage(refused(span))?.at).toEqual(at(101));
    const startsAfterFirst = [use(1, 101, 101, { firstUsedAt: at(101, 1), lastUsedAt: at(101, 1) })];
    expect(findBreakage(refused({ ...span, uses: startsAfterFirst }))?.at).toEqual(at(101, HOUR_MS));
  });

  test('without exact moments the last success before the refusal is known by its day', () => {
    const uses = [use(1, 10, 200, { days: `1${'0'.repeat(109)}1${'0'.repeat(79)}1` })];
    expect(findBreakage(refused({ uses }))?.lastUsedAt).toEqual(at(90));
  });

  test('over random histories it agrees with the rule, read from every single success and refusal', () => {
    const draw = seededDraw(17);
    const count = { breakage: 0, none: 0, moved: 0, old: 0 };
    for (let round = 0; round < 20_000; round += 1) {
      const generationCount = 1 + draw.below(3);
      // Refusals are written soon after they happened: few successes are later.
      const successes = Array.from({ length: draw.below(5) }, () => ({
        generation: 1 + draw.below(generationCount),
        moment: at(draw.below(905), draw.below(DAY_MS)),
      }));
      const outcome: Outcome = draw.pick([...outcomes, 'KEY_EXPIRED', 'SECRET_RETIRED', 'KEY_HELD', 'KEY_HELD']);
      // A retired secret is not the current one.
      const generation = outcome === 'SECRET_RETIRED' ? draw.below(generationCount) : 1 + draw.below(generationCount);
      if (generation === 0) continue;
      const moment = at(900, draw.below(DAY_MS));
      const facts = {
        ...{ outcome, generation, firstAt: moment, lastAt: moment, underWayUntil: null },
        consumer: draw.pick(['ci', 'ci', 'ci', 'ci', '', '(others)']),
        heldByPolicy: outcome === 'KEY_HELD' && draw.below(2) === 0,
        heldSince: draw.below(6) === 0 ? at(draw.below(900)) : null,
        isLeaked: draw.below(8) === 0,
      };
      const uses = [...Map.groupBy(successes, (success) => success.generation)].map(([of, all]) =>
        gather(of, all, generationCount),
      );
      // The rule, read from the single successes.
      const before = successes.filter((success) => success.moment <= moment);
      const isRecent = before.some((success) => moment.getTime() - success.moment.getTime() <= 400 * DAY_MS);
      const hasMoved = before.some((success) => success.generation > generation);
      const isStopped =
        outcome === 'KEY_EXPIRED' || outcome === 'SECRET_RETIRED' || (outcome === 'KEY_HELD' && facts.heldByPolicy);
      const isOurs =
        facts.consumer === 'ci' && !facts.isLeaked && !(facts.heldSince !== null && facts.heldSince <= moment);
      const found = findBreakage({ ...facts, uses });
      const isExact = Math.abs(
        Math.min(...before.map((one) => moment.getTime() - one.moment.getTime())) - 400 * DAY_MS,
      );
      if (isExact < 2 * DAY_MS) continue;
      expect(found !== null, JSON.stringify({ ...facts, successes })).toBe(
        isStopped && isOurs && isRecent && !hasMoved,
      );
      count[found === null ? 'none' : 'breakage'] += 1;
      if (isStopped && isOurs && isRecent && hasMoved) count.moved += 1;
      if (isStopped && isOurs && before.length > 0 && !isRecent) count.old += 1;
      if (found === null) continue;
      expect(found.at).toEqual(moment);
      expect(found.firstUsedAt <= found.lastUsedAt && found.lastUsedAt <= found.at).toBe(true);
      const last = Math.max(...before.map((success) => success.moment.getTime()));
      const isSameDay = dayOf(last) === dayOf(moment.getTime());
      if (!isSameDay) expect(dayOf(found.lastUsedAt.getTime())).toBe(dayOf(last));
    }
    for (const number of Object.values(count)) expect(number).toBeGreaterThan(50);
  });
});

/** Gathers single successes as the database does. */
function gather(
  generation: number,
  successes: readonly { readonly moment: Date }[],
  generationCount: number,
): SecretUse {
  const moments = successes.map(({ moment }) => moment.getTime()).toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [moments[0], moments.at(-1)];
  const days = new Set(moments.map(dayOf));
  const bits = Array.from({ length: 400 }, (_, place) => (days.has(dayOf(last) - place) ? '1' : '0')).join('');
  return {
    ...{
      generation,
      isCurrent: generation === generationCount,
      firstUsedAt: new Date(first),
      lastUsedAt: new Date(last),
    },
    ...{ lastDay: dayOf(last), days: bits },
  };
}
