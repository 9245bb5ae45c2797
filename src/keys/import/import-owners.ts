import type { Caller } from '../../domain/caller.ts';
import type { Change } from '../../log/change.ts';
import { findOwners, type FoundOwner } from '../find-owner.ts';
import { draftSubject, toOwner, type SubjectRow } from '../subject-owner.ts';
import type { IndexedRow } from './plan-import.ts';

/**
 * Finds the owners of rows of an import, in the order of the rows. Subjects that rows name by an external id are read in one statement;
 * those that the realm lacks are drafted, and written with the keys. The first row that names a subject describes it.
 */
export async function findImportOwners(
  change: Change,
  caller: Caller,
  rows: readonly IndexedRow[],
  realmId: string,
): Promise<readonly FoundOwner[]> {
  const byId = rows.filter(({ row }) => row.subject === null);
  const requested = byId.map(({ row }) => row.owner);
  const found = requested.length === 0 ? [] : await findOwners(change, caller, requested, realmId);
  const owners = new Map(byId.map(({ index }, place) => [index, found[place] as FoundOwner]));
  const externalIds = [...new Set(rows.flatMap(({ row }) => row.subject?.externalId ?? []))];
  const subjects = new Map<string, FoundOwner>();
  if (externalIds.length > 0) {
    // No subject is disabled or removed while a key is imported for it.
    const present = await change.tx.$queryRaw<(SubjectRow & { readonly externalId: string })[]>`
      SELECT id, "externalId", "disabledAt", labels FROM "Subject"
      WHERE "realmId" = ${realmId} AND "externalId" = ANY(${externalIds}) ORDER BY id FOR SHARE`;
    for (const row of present) subjects.set(row.externalId, toOwner(row));
  }
  return rows.map(({ index, row: { subject } }) => {
    if (subject === null) return owners.get(index) as FoundOwner;
    const owner = subjects.get(subject.externalId) ?? draftSubject(change, subject, realmId);
    subjects.set(subject.externalId, owner);
    return owner;
  });
}
