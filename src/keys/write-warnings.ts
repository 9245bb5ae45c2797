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
    isSameList(warnings as readonly StoredWarning[] | null, announced.warnings, isSameWarning) &&
    isSameList(brownouts as readonly KeyBrownout[] | null, announced.brownouts, isSameBrownout)
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

function isEmpty({ warnings, brownouts }: AnnouncedChanges): boolean {
  return warnings.length === 0 && brownouts.length === 0;
}

/** Returns a list as its column stores it: none is null. */
export function nullIfEmpty<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length === 0 ? null : list;
}

function isSameList<Item>(
  stored: readonly Item[] | null,
  list: readonly Item[],
  isSame: (one: Item, other: Item) => boolean,
): boolean {
  const known = stored ?? [];
  return known.length === list.length && list.every((item, index) => isSame(item, known[index] as Item));
}

function isSameWarning(one: StoredWarning, other: StoredWarning): boolean {
  return one.code === other.code && one.from === other.from;
}

function isSameBrownout(one: KeyBrownout, other: KeyBrownout): boolean {
  const { rolloutId, from, to, consumers } = other;
  return (
    one.rolloutId === rolloutId &&
    one.from === from &&
    one.to === to &&
    isSameList(one.consumers, consumers, (consumer, name) => consumer === name)
  );
}
