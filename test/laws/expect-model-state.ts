import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { scopesOf, type KeyRow } from '../../src/keys/key-row.ts';
import { LEVELS } from './execute-command.ts';
import { outcome, type ModelKey } from './model.ts';

/** Events that follow from other observable state. The model leaves them out. */
const derivedEvents = new Set(['KEY_EXPIRING', 'KEY_DORMANCY_WARNED', 'KEY_STOP_CHANGED']);

/** Throws if the key differs from the model. */
export function expectModelState(
  model: ModelKey,
  seen: {
    readonly row: KeyRow;
    readonly events: readonly Event[];
    readonly outcomes: ReadonlyMap<number, string>;
    readonly now: number;
    readonly ownerId: string;
  },
): void {
  const { row, events, outcomes, now, ownerId } = seen;
  expect({
    chosen: row.chosenExpiresAt?.getTime() ?? null,
    lifetime: row.lifetimeMs === null ? null : Number(row.lifetimeMs),
    isRevoked: row.revokedAt !== null,
    expiredAt: row.expiredAt?.getTime() ?? null,
    holds: row.holds.map(({ source }) => source).sort(),
    isOwners: row.accountId === ownerId,
    level: LEVELS.indexOf(scopesOf(row)[0]!.resource),
    secrets: row.secrets
      .map(({ generation, retiresAt, firstUsedAt, createdAt, rotatedAtOnceBy }) => ({
        generation,
        retiresAt: retiresAt?.getTime() ?? null,
        isUsed: firstUsedAt !== null,
        madeAt: createdAt.getTime(),
        isAtOnce: rotatedAtOnceBy !== null,
      }))
      .sort((a, b) => a.generation - b.generation),
    rotation: row.rotationStartedAt && {
      graceMs: Number(row.rotationGraceMs),
      isExtended: row.rotationExtended,
    },
    activeAt: row.activeAt.getTime(),
  }).toEqual({
    chosen: model.chosen,
    lifetime: model.lifetime,
    isRevoked: model.isRevoked,
    expiredAt: model.expiredAt,
    holds: model.holds.toSorted(),
    isOwners: model.isOwners,
    level: model.level,
    secrets: model.secrets.map(({ atOnceBy, ...secret }) => ({ ...secret, isAtOnce: atOnceBy !== null })),
    rotation: model.rotation,
    activeAt: model.activeAt,
  });
  const recorded = events
    .filter(({ type }) => !derivedEvents.has(type))
    .map(({ type, at }) => ({ type, at: at.getTime() }));
  expect(recorded).toEqual(model.events);
  for (const [generation, found] of outcomes) expect(found).toBe(outcome(model, generation, now));
}
