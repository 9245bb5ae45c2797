import { isSameDigest } from '../../domain/secret.ts';
import type { Change } from '../../log/change.ts';
import { findExistingKeys, nameOf, type ExistingKey, type ExistingKeys } from './find-imported.ts';
import type { StoredDigests } from './stored-digests.ts';
import { malformedDigest, type ImportRow } from './import-row.ts';
import { RowRefusal, stepOrRefuse, type RefusedRow } from './refused-row.ts';

/** A well-formed row, with its index in the input and its digest as it is stored. */
export interface IndexedRow {
  readonly index: number;
  readonly row: ImportRow;
  readonly stored: StoredDigests;
}

/** What becomes of the rows of an import. */
interface ImportPlan {
  readonly fresh: readonly IndexedRow[];
  /** Rows that were imported before, with the same values. */
  readonly unchanged: readonly { readonly index: number; readonly existing: ExistingKey }[];
}

/** Separates new rows from those that were imported before, and refuses rows whose digest or id is taken. */
export async function planImport(
  change: Change,
  realmId: string,
  rows: readonly IndexedRow[],
  refused: RefusedRow[],
): Promise<ImportPlan> {
  const digests = rows.flatMap(({ stored }) => stored.candidates);
  const existing = await findExistingKeys(
    change.tx,
    realmId,
    digests,
    rows.map(({ row }) => row),
  );
  const taken = new Set<string>();
  const fresh: IndexedRow[] = [];
  const unchanged: ImportPlan['unchanged'][number][] = [];
  for (const one of rows) {
    const found = await stepOrRefuse(one.index, refused, () => findDuplicate(one, realmId, existing, taken));
    if (found === null) continue;
    if (found.existing === null) fresh.push(one);
    else unchanged.push({ index: one.index, existing: found.existing });
  }
  return { fresh, unchanged };
}

/** Returns the key that was made of an equal row before; null: the row is new. Throws if another key is in its way. @throws RowRefusal */
function findDuplicate(
  { row, stored: { candidates } }: IndexedRow,
  realmId: string,
  existing: ExistingKeys,
  taken: Set<string>,
): { readonly existing: ExistingKey | null } {
  const matches = candidates.flatMap((candidate) => existing.byDigest(candidate) ?? []);
  const byDigest = matches.find((match) => match.realmId === realmId) ?? matches[0];
  // Also an own secret of this deployment, in any realm: the caller learns nothing of it.
  if (byDigest !== undefined && (byDigest.realmId !== realmId || byDigest.rowDigest === null)) throw malformedDigest();
  const known = existing.bySource(row) ?? byDigest;
  if (known !== undefined) {
    if (known.rowDigest !== null && isSameDigest(known.rowDigest, row.rowDigest)) return { existing: known };
    throw new RowRefusal(
      'KEY_EXISTS',
      `Key ${known.keyId} was imported with this digest or id, and other values. Change that key, or leave this row out.`,
    );
  }
  const names = [
    // As it was sent: how a secret is stored depends on its start.
    ...(row.digest === null ? [] : [Buffer.from(row.digest).toString('hex')]),
    ...(row.externalKeyId === null ? [] : [nameOf(row)]),
  ];
  if (names.some((name) => taken.has(name))) {
    const message =
      'An earlier row of this request has the same digest, or the same source and id. Leave one of them out.';
    throw new RowRefusal('KEY_EXISTS', message);
  }
  for (const name of names) taken.add(name);
  return { existing: null };
}
