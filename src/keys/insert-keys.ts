import type { Change } from '../log/change.ts';

/** The rows of a new key, with the names of their columns. */
export interface NewRows {
  readonly key: object;
  readonly secret: object;
  readonly labels: readonly object[];
  readonly judgement: object;
  /** For an imported key: where it came from, and its holds. */
  readonly imported?: readonly object[];
  readonly holds?: readonly object[];
}

/** Inserts the rows of new keys, with the last statement of the change. */
export function insertKeys({ rows }: Change, keys: readonly NewRows[]): void {
  const insert = (table: string, listOf: (key: NewRows) => readonly object[]) =>
    rows.insert(table, ...keys.flatMap(listOf));
  insert('Key', ({ key }) => [key]);
  insert('Secret', ({ secret }) => [secret]);
  insert('Label', ({ labels }) => labels);
  insert('KeyImport', ({ imported }) => imported ?? []);
  insert('Hold', ({ holds }) => holds ?? []);
  insert('Judgement', ({ judgement }) => [judgement]);
}
