import type { Prisma } from '../../prisma/generated/client/client.ts';
import { lateBounds, latestDueBy, type KeyAutomation } from '../domain/automation.ts';
import type { KeyState } from '../domain/key.ts';
import { liveKeys } from './live-keys.ts';

/** Returns the condition for keys in a state. It must agree with `stateOf`. */
export function keysInState(state: KeyState, now: Date): Prisma.KeyWhereInput {
  const isLive = liveKeys(now);
  switch (state) {
    case 'REVOKED':
      return { revokedAt: { not: null } };
    case 'EXPIRED':
      return { revokedAt: null, OR: [{ expiredAt: { not: null } }, { expiryBasis: 'HARD', expiresAt: { lte: now } }] };
    case 'HELD':
      return { ...isLive, holds: { some: {} } };
    case 'ACTIVE':
      return { ...isLive, holds: { none: {} } };
  }
}

/** Returns the condition for keys that stop by themselves at a moment of a range. Keys that have ended are not among them. */
export function stoppingKeys(stopsAt: Prisma.DateTimeNullableFilter<'Key'>): Prisma.KeyWhereInput {
  return { revokedAt: null, expiredAt: null, stopsAt };
}

/** Returns the condition for keys with an automation. It must agree with `automationOf`. */
export function keysWithAutomation(automation: KeyAutomation, now: Date): Prisma.KeyWhereInput {
  const bounds = lateBounds(now);
  // Decides most keys by one comparison.
  const latest = latestDueBy(now);
  switch (automation) {
    case 'NONE':
      return { OR: [{ isSelfRenewing: false }, { isSelfRenewing: null }] };
    case 'LATE':
      return {
        isSelfRenewing: true,
        renewalDueAt: { lte: latest },
        OR: bounds.map(({ dueBy, stopsBy }) => ({
          renewalDueAt: { lte: dueBy },
          ...(stopsBy !== null && { stopsAt: { lte: stopsBy } }),
        })),
      };
    case 'WORKING':
      return {
        isSelfRenewing: true,
        OR: [
          { renewalDueAt: null },
          { renewalDueAt: { gt: latest } },
          {
            AND: bounds.map(({ dueBy, stopsBy }) => ({
              OR: [
                { renewalDueAt: { gt: dueBy } },
                ...(stopsBy === null ? [] : [{ stopsAt: null }, { stopsAt: { gt: stopsBy } }]),
              ],
            })),
          },
        ],
      };
  }
}

/** Returns the condition for keys with, or without, a pending rotation. */
export function rotatingKeys(now: Date, isRotating = true): Prisma.KeyWhereInput {
  const retiring = { retiresAt: { gt: now } };
  return { secrets: isRotating ? { some: retiring } : { none: retiring } };
}

/** Returns the condition for keys whose pending rotation was extended, because not all consumers had moved. */
export function stalledKeys(now: Date): Prisma.KeyWhereInput {
  return { rotationExtended: true, ...rotatingKeys(now) };
}

/** Returns the condition for keys with a secret that was reported as leaked. */
export const leakedKeys = { secrets: { some: { leak: { isNot: null } } } } satisfies Prisma.KeyWhereInput;

/** Returns the condition for the other keys. */
export const unleakedKeys = { secrets: { none: { leak: { isNot: null } } } } satisfies Prisma.KeyWhereInput;
