/** A value of a row: a text of CSV, or any value of JSON. */
export type SourceValue = string | number | boolean | null | object | undefined;

/** A row of an export: values by the name of their column or member. */
export interface SourceRow {
  readonly values: Readonly<Record<string, SourceValue>>;
  /** Its place in the file, from 1, without the header. */
  readonly number: number;
  /** How many bytes of the file have been read when the row is complete. */
  readonly bytesRead: number;
}

/** The longest row, in characters. */
export const ROW_MAX = 1_000_000;
