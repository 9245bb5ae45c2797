import { Prisma } from '../../prisma/generated/client/client.ts';
import type { KeyBrownout } from '../domain/brownout.ts';
import type { StoredWarning } from '../domain/verification-warning.ts';
import type { Change } from '../log/change.ts';
import { updateRows } from '../store/json-rows.ts';

/** What verifications of a key warn of, and the announced brownouts in which it is enrolled. */
export interface AnnouncedChanges {
  readonly warnings: readonly StoredWarning[];
  readonly brownouts: readonly KeyBrownout[];
}

/** The columns of a key that hold its announced changes. */
export interface AnnouncedColumns {
  readonly warnings: unknown;
  readonly brownouts: unknown;
}

/** Whether a key's columns hold these announced changes. */
export function holdsAnnounced({ warnings, brownouts }: AnnouncedColumns, announced: AnnouncedChanges): boolean {
  if (warnings === null && brownouts === null && isEmpty(announced)) return true;
  return (
    isSameList(warnings, announced.warnings, ['code', 'from']) &&
    isSameList(brownouts, announced.brownouts, windowNames)
  );
}

/**
 * Writes the announced changes of locked keys, in one statement. Verifiers learn of them without an event: what happens to the keys has
 * its own. None: nothing is written.
 */
export async function writeAnnounced(
  { tx, noteQuietly }: Pick<Change, 'tx' | 'noteQuietly'>,
  announced: ReadonlyMap<string, AnnouncedChanges>,
): Promise<void> {
  if (announced.size === 0) return;
  const rows = [...announced].map(([id, { warnings, brownouts }]) => {
    return { id, warnings: nullIfEmpty(warnings), brownouts: nullIfEmpty(brownouts) };
  });
  await tx.$executeRaw(updateRows('Key', rows, Prisma.sql`true`));
  noteQuietly(...announced.keys());
}

const windowNames = ['rolloutId', 'from', 'to', 'consumers'];

function isEmpty({ warnings, brownouts }: AnnouncedChanges): boolean {
  return warnings.length === 0 && brownouts.length === 0;
}

function nullIfEmpty<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length === 0 ? null : list;
}

/** Whether a stored list has the same members, whatever their order in its objects is. */
function isSameList(stored: unknown, list: readonly object[], names: readonly string[]): boolean {
  const text = (items: readonly object[]) => JSON.stringify(items, [...names]);
  return text((stored as readonly object[] | null) ?? []) === text(list);
}
