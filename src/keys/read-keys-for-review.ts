import { Prisma } from '../../prisma/generated/client/client.ts';
import type { ConsumerUse } from '../domain/rotation.ts';
import { loadOnce } from '../store/load-once.ts';
import type { Transaction } from '../store/core.ts';
import { reviveRow } from '../store/json-rows.ts';
import type { KeyRow } from './key-row.ts';
import {
  findChanged,
  selectEach,
  readVersions,
  versionOf,
  listIds,
  type SourceName,
  type Versions,
} from './reviewed-sources.ts';

type Realm = Prisma.RealmGetPayload<{ include: { freezes: true; bindings: true } }>;

/** A use of a secret, as far as a review reads it. */
interface ReviewedUse extends ConsumerUse {
  readonly firstUsedAt: Date | null;
}

/** A key as a review reads it. */
export interface KeyForReview extends Omit<KeyRow, 'realm' | 'secrets'> {
  /** With all bindings, also those that were removed. */
  readonly realm: Realm;
  /** Only the uses of the current secret and of the one that retires last are read. */
  readonly secrets: (KeyRow['secrets'][number] & { readonly uses: readonly ReviewedUse[] })[];
  readonly waitingStop: { readonly keyId: string } | null;
  /** The notices of the present stop. */
  readonly notices: readonly Prisma.NoticeGetPayload<object>[];
  /** The last 400 days of use, as days since 1970. */
  readonly useDays: readonly number[];
}

/** Keys as they were read for a review. */
export interface KeysForReview {
  /** The ones that are due for longest first. */
  readonly keys: readonly KeyForReview[];
  readonly versions: Versions;
}

const rowColumns = selectEach(
  (source) => `json_build_object(
    'rows', coalesce(json_agg(${source.row}${source.order === null ? '' : ` ORDER BY ${source.order}`}), '[]'), 'version', ${versionOf(source)})`,
);

/** What a statement with `rowColumns` returns. */
type ReadRows = {
  readonly [Name in SourceName]: { readonly rows: readonly RowsBySource[Name][]; readonly version: string | null };
};

interface RowsBySource {
  readonly key: Omit<
    KeyForReview,
    'realm' | 'judgement' | 'holds' | 'labels' | 'secrets' | 'waitingStop' | 'notices' | 'useDays'
  >;
  readonly judgement: NonNullable<KeyForReview['judgement']>;
  readonly hold: KeyForReview['holds'][number];
  readonly label: KeyForReview['labels'][number];
  readonly waitingStop: { readonly keyId: string };
  readonly notice: KeyForReview['notices'][number];
  readonly useDays: { readonly keyId: string; readonly days: readonly number[] };
  readonly secret: KeyRow['secrets'][number];
  readonly use: ReviewedUse & { readonly secretId: string };
}

/** Reads keys for a review: their rows in one statement, and their realms. */
export async function readKeysForReview(tx: Transaction, ids: readonly string[]): Promise<KeysForReview> {
  const [read] = await tx.$queryRaw<[ReadRows]>`WITH ${listIds(ids)} SELECT ${rowColumns}`;
  const rowsOf = groupRows(read);
  const realms = await readRealms(tx, [...new Set(read.key.rows.map(({ realmId }) => realmId))].toSorted());
  const made = read.key.rows.map((row) =>
    Object.assign(reviveRow(row), {
      // NULL, as Prisma reads it.
      allowedAddresses: (row.allowedAddresses as KeyRow['allowedAddresses'] | null) ?? [],
      realm: realms.get(row.realmId) as Realm,
      judgement: rowsOf.judgement(row.id)[0] ?? null,
      holds: rowsOf.hold(row.id),
      labels: rowsOf.label(row.id),
      waitingStop: rowsOf.waitingStop(row.id)[0] ?? null,
      notices: rowsOf.notice(row.id),
      useDays: rowsOf.useDays(row.id)[0]?.days ?? [],
      secrets: withUses(rowsOf.secret(row.id), rowsOf.use),
    }),
  );
  const keys = made.sort((one, other) => msOf(one.reviewAt) - msOf(other.reviewAt) || (one.id < other.id ? -1 : 1));
  const versions = Object.fromEntries(Object.entries(read).map(([name, { version }]) => [name, version]));
  return { keys, versions: versions as Versions };
}

/** A key that is never due comes last. */
function msOf(reviewAt: Date | null): number {
  return reviewAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

/** Returns functions that return the rows of each table, by the id of their key; uses by the id of their secret. */
function groupRows(read: ReadRows) {
  const group = <Row extends object>(rows: readonly Row[], idOf: (row: Row) => string) => {
    const groups = Map.groupBy(rows.map(reviveRow), idOf);
    return (id: string): Row[] => groups.get(id) ?? [];
  };
  const byKey = <Row extends { readonly keyId: string }>({ rows }: { readonly rows: readonly Row[] }) =>
    group(rows, ({ keyId }) => keyId);
  return {
    judgement: byKey(read.judgement),
    hold: byKey(read.hold),
    label: byKey(read.label),
    waitingStop: byKey(read.waitingStop),
    notice: byKey(read.notice),
    useDays: byKey(read.useDays),
    secret: byKey(read.secret),
    use: group(read.use.rows, ({ secretId }) => secretId),
  };
}

function withUses(
  secrets: readonly RowsBySource['secret'][],
  usesOf: (secretId: string) => ReviewedUse[],
): KeyForReview['secrets'] {
  const lastAt = Math.max(...secrets.map(({ retiresAt }) => retiresAt?.getTime() ?? 0));
  const isRead = ({ retiresAt }: RowsBySource['secret']) => retiresAt === null || retiresAt.getTime() === lastAt;
  return secrets
    .map((secret) => Object.assign(secret, { uses: isRead(secret) ? usesOf(secret.id) : [] }))
    .sort((one, other) => one.generation - other.generation);
}

/**
 * Returns those of some keys that were read and have not changed since, with their realms as they are now. What was read is not
 * read again.
 */
export async function withoutChanged(
  tx: Transaction,
  { keys, versions }: KeysForReview,
  ids: readonly string[] = keys.map(({ id }) => id),
): Promise<KeyForReview[]> {
  const now = await readVersions(
    tx,
    keys.map(({ id }) => id),
  );
  const changedIds = findChanged(versions, now);
  const wantedIds = new Set(ids);
  const same = keys.filter(({ id }) => wantedIds.has(id) && !changedIds.has(id));
  const realms = await readRealms(tx, [...new Set(same.map(({ realmId }) => realmId))].toSorted());
  return same.map((key) => Object.assign(key, { realm: realms.get(key.realmId) as Realm }));
}

function readRealms(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Realm>> {
  return loadOnce(tx, `reviewed realms ${ids.join()}`, async () => {
    const realms = await tx.realm.findMany({
      where: { id: { in: [...ids] } },
      include: { freezes: true, bindings: true },
    });
    return new Map(realms.map((realm) => [realm.id, realm]));
  });
}
