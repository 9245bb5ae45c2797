import * as fc from 'fast-check';
import { expect } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import type { KeyRow } from '../../src/keys/key-row.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { LIFE, type BindingWorld } from '../support/binding-world.ts';

// What happens to the bindings of a realm and to its keys, as data and as acts.

/** A key of a history, and its owner. */
export interface OwnedKey {
  readonly keyId: string;
  readonly secret: string;
  readonly owner: AccountCaller;
}

/**
 * A module that answers, throws, returns nonsense, loops, varies its verdicts or exhausts its memory, as configured.
 */
export const MOODY = `import { definePolicy, z } from '#policy';

const moods = ['CALM', 'THROWS', 'NONSENSE', 'LOOPS', 'LIES', 'LEAKS'];
const kept = [];
let calls = 0;

export default definePolicy({
  name: 'moody',
  version: '1.0.0',
  title: 'Moody',
  summary: 'Answers as it likes.',
  config: z.strictObject({ mood: z.enum(moods).default('CALM') }),
  dormancy({ use }, { mood }) {
    if (mood === 'THROWS') throw new Error('not today');
    if (mood === 'LOOPS') for (;;);
    if (mood === 'LEAKS') for (;;) kept.push(new Array(1e6).fill(0.5));
    calls += mood === 'LIES' ? 1 : 0;
    const holdAt = mood === 'NONSENSE' ? Number.NaN : use.activeAt + (40 - (calls % 30)) * 86_400_000;
    return { warnAt: null, holdAt, expireAt: null, reason: { code: 'MOODY', sentence: 'It was in a mood.' } };
  },
});
`;

export const days = (most: number) => fc.integer({ min: 1, max: most });
const proposal = fc.oneof(
  days(400).map((count) => ({ policy: 'life', config: { life: `P${count}D` } })),
  days(400).map((count) => ({ policy: 'active-never-expires', config: { idle: `P${count}D` } })),
  days(365).map((count) => ({ policy: 'bounded-lifetime', config: { capEveryKey: `P${count}D` } })),
  days(365).map((count) => ({ policy: 'unused-expires', config: { idle: `P${count}D` } })),
  fc
    .constantFrom('CALM', 'THROWS', 'NONSENSE', 'LOOPS', 'LIES', 'LEAKS')
    .map((mood) => ({ policy: 'moody', config: { mood } })),
);
const mode = fc.constantFrom('ENFORCED' as const, 'ENFORCED' as const, 'SHADOW' as const, 'PAUSED' as const);
/** Numbers that select a key are taken modulo the number of keys. */
const which = fc.nat(99);
export const policyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bind' as const), proposal, mode, announcedDays: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), which, proposal, mode }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unbind' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), which, lifeDays: days(365) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), which }) },
  { weight: 6, arbitrary: days(50).map((count) => ({ do: 'pass' as const, ms: count * DAY_MS })) },
  { weight: 2, arbitrary: days(30).map((count) => ({ do: 'pass' as const, ms: count * HOUR_MS })) },
);

export type PolicyStep = typeof policyStep extends fc.Arbitrary<infer T> ? T : never;

/** Takes a step. Returns the key that a person's act or its own use touched, or null. */
export async function takePolicyStep(
  world: BindingWorld,
  one: PolicyStep,
  keys: readonly OwnedKey[],
): Promise<string | null> {
  const bindings = () => world.prisma.binding.findMany({ where: { unboundAt: null }, orderBy: { id: 'asc' }, skip: 3 });
  switch (one.do) {
    case 'bind': {
      const effectiveAt =
        one.announcedDays < 10 ? null : new Date(world.clock.now().getTime() + one.announcedDays * DAY_MS);
      await world.bind({ ...one.proposal, mode: one.mode, effectiveAt });
      return null;
    }
    case 'update': {
      const open = await bindings();
      const binding = open[one.which % Math.max(1, open.length)];
      if (binding === undefined || binding.policy !== one.proposal.policy) return null;
      await updateBinding(world, world.admin, { bindingId: binding.id, config: one.proposal.config, mode: one.mode });
      return null;
    }
    case 'unbind': {
      const open = await bindings();
      const binding = open[one.which % Math.max(1, open.length)];
      if (binding !== undefined) await unbindPolicy(world, world.admin, { bindingId: binding.id });
      return null;
    }
    case 'lose':
      await world.remove('life');
      await world.prisma.key.updateMany({
        where: { revokedAt: null, expiredAt: null },
        data: { reviewAt: world.clock.now() },
      });
      await world.reviewer.reviewDue();
      await world.write('life', LIFE);
      return null;
    case 'use': {
      const key = keys[one.which % keys.length]!;
      await world.verify(key.secret);
      return key.keyId;
    }
    case 'renew': {
      const { keyId, owner } = keys[one.which % keys.length]!;
      const ask = { lifetimeMs: one.lifeDays * DAY_MS };
      const was = await world.key(keyId);
      const renewed = await renewKey(world, owner, { keyId, ask, accept: ['EXTEND', 'ROTATE'] });
      const is = await world.key(keyId);
      expect(isSooner(is.stopsAt, was.stopsAt)).toBe(false);
      expect(was.chosenExpiresAt === null || is.chosenExpiresAt !== null).toBe(true);
      return isFailure(renewed) ? null : keyId;
    }
    case 'rotate': {
      const { keyId, owner } = keys[one.which % keys.length]!;
      const life = ({ stopsAt, stopsBasis, expiresAt, chosenExpiresAt, activeAt }: KeyRow) => [
        stopsAt,
        stopsBasis,
        expiresAt,
        chosenExpiresAt,
        activeAt,
      ];
      const was = await world.key(keyId);
      await rotateKey(world, owner, { keyId });
      expect(life(await world.key(keyId))).toEqual(life(was));
      return null;
    }
    case 'pass':
      world.clock.advance(one.ms);
      return null;
  }
}

/** Null is never. */
function isSooner(one: Date | null, other: Date | null): boolean {
  return one !== null && (other === null || one < other);
}
