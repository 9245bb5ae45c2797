import { Prisma } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import { insertRows } from '../store/json-rows.ts';

/** The rows of a new key, with the names of their columns. */
export interface NewRows {
  readonly key: object;
  readonly secret: object;
  readonly labels: readonly object[];
  readonly judgement: object;
  /** For an imported key: where it came from, and its holds. */
  readonly imported?: object;
  readonly holds?: readonly object[];
}

/** Inserts the rows of new keys in one statement. */
export async function insertKeys(tx: Transaction, keys: readonly NewRows[]): Promise<void> {
  const optional = [
    ['Label', keys.flatMap(({ labels }) => labels)],
    ['KeyImport', keys.flatMap(({ imported }) => imported ?? [])],
    ['Hold', keys.flatMap(({ holds }) => holds ?? [])],
  ] as const;
  const parts = optional
    .filter(([, rows]) => rows.length > 0)
    .map(([table, rows]) => Prisma.sql`, ${Prisma.raw(`"of ${table}"`)} AS (${insertRows(table, rows)})`);
  const rowsOf = (name: 'key' | 'secret' | 'judgement') => keys.map((key) => key[name]);
  await tx.$executeRaw`
    WITH key AS (${insertRows('Key', rowsOf('key'))}), secret AS (${insertRows('Secret', rowsOf('secret'))})
    ${parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ')}
    ${insertRows('Judgement', rowsOf('judgement'))}`;
}
