import type { KeyBrownout } from '../domain/brownout.ts';
import { systemActor } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import type { PendingRefusal } from './pending-refusals.ts';
import { writeAnnounced, type AnnouncedChanges } from './write-warnings.ts';

interface KeyInBrownout {
  readonly id: string;
  readonly realmId: string;
  readonly ownerId: string;
  readonly warnings: AnnouncedChanges['warnings'] | null;
  readonly brownouts: readonly KeyBrownout[];
}

/**
 * Ends the brownouts in which a consumer was refused that the key's owner did not list (rule 45): from the commit on the key works
 * again. A consumer without a label is none that was listed. Sends no statement if no refusal of the batch is of a brownout. Whichever
 * node is the first to write such a refusal records the event; it locks the keys before any other row is written.
 */
export async function endRefusedBrownouts(change: Change, batch: readonly PendingRefusal[]): Promise<void> {
  const refused = Map.groupBy(
    batch.filter(({ outcome }) => outcome === 'BROWNOUT'),
    ({ keyId }) => keyId,
  );
  if (refused.size === 0) return;
  const keys = await change.tx.$queryRaw<KeyInBrownout[]>`
    SELECT id, "realmId", coalesce("accountId", "organizationId", "subjectId") AS "ownerId", warnings, brownouts
    FROM "Key" WHERE id = ANY(${[...refused.keys()]}) AND brownouts IS NOT NULL ORDER BY id FOR NO KEY UPDATE`;
  const changed = new Map<string, AnnouncedChanges>();
  for (const { id: keyId, realmId, ownerId, warnings, brownouts } of keys) {
    const ended = brownouts.flatMap((window) => {
      const first = findUnlisted(refused.get(keyId) ?? [], window);
      return first === null ? [] : [{ window, first }];
    });
    if (ended.length === 0) continue;
    const left = brownouts.filter((one) => ended.every(({ window }) => window !== one));
    changed.set(keyId, { warnings: warnings ?? [], brownouts: left });
    change.record(
      ...ended.map(({ window: { rolloutId, from, to }, first: { consumer } }) => ({
        type: 'KEY_BROWNOUT_ENDED' as const,
        at: change.now(),
        keyId,
        realmId,
        ownerId,
        actor: systemActor,
        data: {
          rolloutId,
          consumer: consumer === '' ? null : consumer,
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
        },
      })),
    );
  }
  await writeAnnounced(change, changed);
}

/** Returns the first refusal within a brownout of a consumer that its owner did not list; null: there is none. */
function findUnlisted(
  refusals: readonly PendingRefusal[],
  { from, to, consumers }: KeyBrownout,
): PendingRefusal | null {
  const unlisted = refusals.filter(
    ({ consumer, firstMs, lastMs }) => !consumers.includes(consumer) && firstMs < to && lastMs >= from,
  );
  return unlisted.toSorted((one, other) => one.firstMs - other.firstMs)[0] ?? null;
}
