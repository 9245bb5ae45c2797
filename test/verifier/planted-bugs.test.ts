import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FollowLine, KeyLine } from '../../src/verifier/follow-lines.ts';
import type { RelayFault } from './follow-relay.ts';
import { openFollowWorld } from './follow-world.ts';
import { FollowHistory, steps, type FollowBug, type FollowStep } from './history.ts';

/** How many heads come before the keys that they count, in one of the bugs. */
const HEADS_EARLY = 3;

/** A fault that changes the key of each line, knowing the line of the key before. */
function alterKeys(alter: (key: KeyLine, before: KeyLine | undefined) => KeyLine): () => RelayFault {
  return () => {
    const known = new Map<string, KeyLine>();
    return {
      lines: (line) => {
        if (line.key === undefined) return [line];
        const altered = alter(line.key, known.get(line.key.id));
        known.set(line.key.id, altered);
        return [{ key: altered }];
      },
    };
  };
}

/** A fault of the lines of /log. */
function alterLog(alter: () => (line: FollowLine) => readonly FollowLine[]): () => RelayFault {
  return () => {
    const lines = alter();
    return { lines: (line, path) => (path === '/log' ? lines(line) : [line]) };
  };
}

/** Bugs in what reaches a verifier, and in what it makes of it. The histories must find each of them. */
const bugs: readonly FollowBug[] = [
  {
    name: 'changes of keys that never come',
    createFault: alterLog(
      () =>
        ({ key, ...line }) =>
          key === undefined ? [line] : [],
    ),
  },
  {
    name: 'a head that comes before the keys that it counts',
    createFault: alterLog(() => {
      let held: { readonly line: FollowLine; headCount: number }[] = [];
      return (line) => {
        if (line.head === undefined) {
          held.push({ line, headCount: 0 });
          return [];
        }
        for (const one of held) one.headCount += 1;
        const late = held.filter(({ headCount }) => headCount > HEADS_EARLY);
        held = held.filter(({ headCount }) => headCount <= HEADS_EARLY);
        return [line, ...late.map((one) => one.line)];
      };
    }),
  },
  {
    name: 'an older line that overwrites a newer one',
    createFault: () => {
      const known = new Map<string, FollowLine>();
      return {
        lines: (line) => {
          const id = line.key?.id;
          if (id === undefined) return [line];
          const before = known.get(id);
          known.set(id, line);
          return before === undefined ? [line] : [line, before];
        },
      };
    },
  },
  { name: 'a key without its holds', createFault: alterKeys((key) => ({ ...key, holdSources: [] })) },
  { name: 'a key without its revocation', createFault: alterKeys((key) => ({ ...key, revokedAt: null })) },
  {
    name: 'a secret without its retirement',
    createFault: alterKeys((key) => ({
      ...key,
      secrets: key.secrets.map((secret) => ({ ...secret, retiresAt: null })),
    })),
  },
  {
    name: 'a key whose expiry stays as it was at first',
    createFault: alterKeys((key, before) => ({ ...key, expiresAt: before?.expiresAt ?? key.expiresAt })),
  },
  {
    name: 'a key whose scopes stay as they were at first',
    createFault: alterKeys((key, before) => ({ ...key, scopes: before?.scopes ?? key.scopes })),
  },
  {
    name: 'a key without its addresses',
    createFault: alterKeys((key) => ({ ...key, allowedAddresses: [] })),
  },
  {
    name: 'a key that stays with its first owner',
    createFault: alterKeys((key, before) => ({ ...key, ownerId: before?.ownerId ?? key.ownerId })),
  },
  {
    name: 'a realm that never stops ignoring case',
    createFault: alterLog(() => (line) => (line.realm?.foldsCase === false ? [] : [line])),
  },
  {
    name: 'a verifier that misses what changes while it is not connected',
    createFault: () => ({ skipsMissedChanges: true }),
  },
  { name: 'an age that does not count', maxAgeMs: 900_000 },
  {
    name: 'a clock that goes on only with heads',
    clocks: ({ monotonicMs }) => {
      const startedAt = monotonicMs();
      return { monotonicMs: () => startedAt, wallMs: () => startedAt };
    },
  },
];

const at = (does: string, which = 0, gateway: 0 | 1 = 0) => ({ do: does, gateway, which }) as FollowStep;

/** Histories in which something goes wrong that is rare in random ones. */
const examples: readonly (readonly FollowStep[])[] = [
  [at('hold'), at('hear')],
  [at('revoke', 0, 1), at('hear')],
  [at('rotateAtOnce'), at('hear')],
  [at('rotate'), at('hear'), at('pass', 5_001), at('confirm'), at('hear')],
  [at('shorten'), at('hear'), at('pass', 4_999)],
  [at('narrow'), at('restrict'), at('hear')],
  [at('transfer'), at('hear')],
  [at('foldCase'), at('hear'), at('foldCase'), at('hear')],
  [at('cut'), at('hold'), at('mend'), at('hear')],
  [at('cut'), at('pass', 4_999), at('pass', 5_001)],
  [at('stall'), at('hold'), at('pass', 4_999), at('pass', 5_001), at('mend'), at('hear')],
];

test.each(bugs)('verifier: the histories find $name', { timeout: 300_000 }, async (bug) => {
  const world = await openFollowWorld();
  const details = await fc.check(
    fc.asyncProperty(steps, (all) => new FollowHistory(world, bug).run(all)),
    { numRuns: 60, interruptAfterTimeLimit: 200_000, endOnFailure: true, examples: examples.map((one) => [[...one]]) },
  );
  expect(details.failed).toBe(true);
  expect(String((details.errorInstance as Error).message)).toMatch(/accepts|refuses|clock|too old/);
});
