import { Prisma } from '../../prisma/generated/client/client.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import type { Transaction } from '../store/core.ts';

/** A table that a review reads: the alias of a row, the id of its key, where to find the rows of keys, and their order. */
export interface Source {
  readonly row: string;
  readonly keyId: string;
  readonly from: string;
  /** Null: the order is of no matter, or the rows are sorted here. */
  readonly order: string | null;
}

/** The ids of the keys. Without a join, the rows of each table are found by its index, however many the table has. */
const IDS = '(SELECT list FROM ids)::text[]';

const ofKey = (row: string, table: string, order: string | null = null): Source => {
  return { row, keyId: `${row}."keyId"`, from: `"${table}" ${row} WHERE ${row}."keyId" = ANY(${IDS})`, order };
};

const sources = {
  key: { row: 'k', keyId: 'k.id', from: `"Key" k WHERE k.id = ANY(${IDS})`, order: null },
  judgement: ofKey('j', 'Judgement'),
  hold: ofKey('h', 'Hold', 'h.since, h.id'),
  label: ofKey('l', 'Label', 'l.name'),
  waitingStop: ofKey('w', 'WaitingStop'),
  notice: {
    row: 'n',
    keyId: 'n."keyId"',
    from: `"Key" k JOIN "Notice" n ON n."keyId" = k.id AND n."stopsAt" = k."stopsAt" WHERE k.id = ANY(${IDS})`,
    order: 'n."thresholdMs"',
  },
  useDays: ofKey('d', 'UseDays'),
  secret: ofKey('s', 'Secret'),
  use: {
    row: 'u',
    keyId: 's."keyId"',
    from: `"Secret" s JOIN "Use" u ON u."secretId" = s.id WHERE s."keyId" = ANY(${IDS})`,
    order: 'u.consumer',
  },
} as const satisfies Record<string, Source>;

/** The name of a table that a review reads. */
export type SourceName = keyof typeof sources;

/**
 * The versions of all rows that a review reads of some keys, by table: the id of its key and the transaction that wrote it last, of
 * each row. Each transaction gives its rows its own number.
 */
export type Versions = Readonly<Record<SourceName, string | null>>;

/** Returns the version of a table's rows, as a column of SQL. */
export const versionOf = ({ row, keyId }: Source) => `string_agg(${keyId} || ' ' || ${row}.xmin::text, ',')`;

const versionColumns = selectEach(versionOf);

/** Returns a column of each table, of the rows that belong to the keys of `listIds`. */
export function selectEach(columnOf: (source: Source) => string): Prisma.Sql {
  const columns = Object.entries(sources).map(([name, source]) => {
    return `(SELECT ${columnOf(source)} FROM ${source.from}) AS "${name}"`;
  });
  return Prisma.raw(columns.join(', '));
}

/** Returns the part of a WITH in which the columns of `selectEach` find the ids of the keys. */
export function listIds(ids: readonly string[]): Prisma.Sql {
  return Prisma.sql`ids AS (SELECT ${arrayLiteral(ids)}::text[] AS list)`;
}

/** Reads the versions of all rows that a review reads of some keys. */
export async function readVersions(tx: Transaction, ids: readonly string[]): Promise<Versions> {
  const [versions] = await tx.$queryRaw<[Versions]>`WITH ${listIds(ids)} SELECT ${versionColumns}`;
  return versions;
}

/** Returns the ids of the keys whose rows differ in any table. */
export function findChanged(before: Versions, now: Versions): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const name of Object.keys(sources) as SourceName[]) {
    if (before[name] === now[name]) continue;
    const [one, other] = [versionsByKey(before[name]), versionsByKey(now[name])];
    for (const id of [...one.keys(), ...other.keys()]) if (one.get(id) !== other.get(id)) changed.add(id);
  }
  return changed;
}

/** Returns the versions of the rows of each key, in an order that does not depend on that of the rows. */
function versionsByKey(versions: string | null): ReadonlyMap<string, string> {
  const entries = versions === null ? [] : versions.split(',').map((entry) => entry.split(' '));
  const groups = Map.groupBy(entries, ([id = '']) => id);
  const textOf = (group: readonly (readonly string[])[]) =>
    group
      .flatMap(([, xmin]) => xmin ?? [])
      .toSorted()
      .join(' ');
  return new Map([...groups].map(([id, group]) => [id, textOf(group)]));
}
