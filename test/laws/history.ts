import * as fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/duration.ts';
import type { Command, Who } from './model-commands.ts';

// Random histories, as data: what happens to one key, and how time passes. A seed always gives the same histories.

/** A step of a history. Numbers that select something are taken modulo the number of candidates. */
export type Step =
  | { kind: 'command'; command: Command; isRepeatable: boolean }
  | { kind: 'both'; first: Command; second: Command }
  | { kind: 'twins'; command: Command }
  | { kind: 'repeat'; which: number; isOther: boolean }
  /**
   * Passes time to one of the moments at which the state changes, or some milliseconds off it; `isWatched`: reviews
   * run.
   */
  | { kind: 'passTo'; which: number; offsetMs: number; isWatched: boolean }
  | { kind: 'pass'; ms: number; isWatched: boolean };

export interface History {
  readonly lifetimeDays: number | null;
  readonly steps: readonly Step[];
}

/** The weights of the steps; those that are left out have the default. */
export interface Mix {
  verify?: number;
  renew?: number;
  rotate?: number;
  settleRotation?: number;
  shorten?: number;
  narrow?: number;
  hold?: number;
  transfer?: number;
  revoke?: number;
  both?: number;
  repeat?: number;
  time?: number;
}

const defaultMix: Required<Mix> = {
  verify: 16,
  renew: 8,
  rotate: 10,
  settleRotation: 8,
  shorten: 2,
  narrow: 2,
  hold: 4,
  transfer: 1,
  revoke: 1,
  both: 6,
  repeat: 6,
  time: 22,
};

const person = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Who>('owner') },
  { weight: 3, arbitrary: fc.constant<Who>('admin') },
  { weight: 1, arbitrary: fc.constant<Who>('stranger') },
);
const anyCaller = fc.oneof(
  { weight: 6, arbitrary: person },
  { weight: 5, arbitrary: fc.constant<Who>('newest') },
  { weight: 3, arbitrary: fc.constant<Who>('retiring') },
  { weight: 1, arbitrary: fc.constant<Who>('retired') },
);
const graceMs = fc.constantFrom(0, 1, MINUTE_MS, HOUR_MS, DAY_MS, DAY_MS, 30 * DAY_MS);
const lifetimeMs = fc.option(
  fc.constantFrom(DAY_MS - 1, DAY_MS, 10 * DAY_MS, 90 * DAY_MS, 365 * DAY_MS, 365 * DAY_MS + 1),
);

const verify = fc.record({
  do: fc.constant('verify' as const),
  generation: fc.nat(9),
  consumer: fc.constantFrom('ci', 'ci', 'laptop', null),
});
const renew = fc.record({
  do: fc.constant('renew' as const),
  who: anyCaller,
  lifetimeMs,
  mode: fc.constantFrom('EXTEND' as const, 'EXTEND' as const, 'ROTATE' as const),
  graceMs,
});
const rotate = fc.record({ do: fc.constant('rotate' as const), who: anyCaller, graceMs });
const settleRotation = fc.record({ do: fc.constantFrom('confirm' as const, 'undo' as const), who: anyCaller });
/** `at` is in days from now, until the command is resolved. */
const shorten = fc.record({
  do: fc.constant('shorten' as const),
  who: person,
  at: fc.constantFrom(0, 0.5, 3, 40, 364, 366),
});
const narrow = fc.record({ do: fc.constant('narrow' as const), who: person, level: fc.nat(2) });
const hold = fc.record({ do: fc.constantFrom('hold' as const, 'resume' as const, 'resume' as const), who: person });
const transfer = fc.record({ do: fc.constant('transfer' as const), isBack: fc.constantFrom(false, true, true) });
const revoke = fc.oneof(
  fc.record({ do: fc.constant('revoke' as const), who: anyCaller }),
  fc.record({ do: fc.constant('revokeBySecret' as const), generation: fc.nat(9) }),
);

const isWatched = fc.constantFrom(true, true, true, false);
const time: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('passTo' as const),
    which: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3, 4),
    offsetMs: fc.constantFrom(0, 0, 0, -1, 1, SECOND_MS),
    isWatched,
  }),
  fc.record({
    kind: fc.constant('pass' as const),
    ms: fc.constantFrom(
      1,
      40,
      5 * SECOND_MS,
      MINUTE_MS,
      HOUR_MS,
      HOUR_MS,
      DAY_MS,
      20 * DAY_MS,
      100 * DAY_MS,
      700 * DAY_MS,
    ),
    isWatched,
  }),
);

/** Returns histories of a key of at most `maxLength` steps. */
export function histories(mix: Mix, maxLength: number): fc.Arbitrary<History> {
  const parts = { ...defaultMix, ...mix };
  const part = <Value>(name: keyof Mix, arbitrary: fc.Arbitrary<Value>) => ({ weight: parts[name], arbitrary });
  const change: fc.Arbitrary<Command> = fc.oneof(
    part('renew', renew),
    part('rotate', rotate),
    part('settleRotation', settleRotation),
    part('shorten', shorten),
    part('narrow', narrow),
    part('hold', hold),
    part('transfer', transfer),
    part('revoke', revoke),
  );
  const changeWeight = commandWeightOf(parts) - parts.verify;
  const command = fc.oneof(part('verify', verify), { weight: changeWeight, arbitrary: change });
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: commandWeightOf(parts),
      arbitrary: fc.record({ kind: fc.constant('command' as const), command, isRepeatable: fc.boolean() }),
    },
    part('both', fc.record({ kind: fc.constant('both' as const), first: change, second: change })),
    part('both', fc.record({ kind: fc.constant('twins' as const), command: change })),
    part(
      'repeat',
      fc.record({
        kind: fc.constant('repeat' as const),
        which: fc.nat(9),
        isOther: fc.constantFrom(false, false, true),
      }),
    ),
    part('time', time),
  );
  return fc.record({
    lifetimeDays: fc.option(fc.constantFrom(1, 10, 45, 45, 365), { freq: 1 }),
    steps: fc.array(step, { minLength: 1, maxLength, size: 'max' }),
  });
}

function commandWeightOf(parts: Required<Mix>): number {
  const all = Object.values(parts).reduce((sum, weight) => sum + weight, 0);
  return all - parts.both - parts.repeat - parts.time;
}
