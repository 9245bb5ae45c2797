// The format of a backup: a gzip stream of lines. The first line is the header, in JSON. Then for each table a line in
// JSON names the table and its columns, the rows follow as COPY prints them (text format), and `\.` ends them. The last
// line is the trailer, in JSON. A file without a trailer is not complete.

import { StoreError } from '../store/store-error.ts';

/** The only version of the format so far. */
export const FORMAT_VERSION = 1;

/** Ends the rows of a table: as a row, COPY would print `\\.`. */
export const END_OF_ROWS = '\\.';

/** What the first line of a backup says of the rest. */
export interface BackupHeader {
  readonly keytideBackup: typeof FORMAT_VERSION;
  /** The version of Keytide that wrote the file. */
  readonly version: string;
  /** The moment of the snapshot. */
  readonly createdAt: string;
  /** The migrations of the database, in their order, with their checksums. */
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
  /** The id of the newest row of the table Lineage, which tells copies of a database apart. Null: it has no such table. */
  readonly lineage: string | null;
  /** The position of the newest event. */
  readonly position: string;
  /** The partitions of the log. */
  readonly partitions: readonly { readonly name: string; readonly from: string; readonly end: string }[];
}

/** A table in a backup. */
export interface BackupTable {
  readonly table: string;
  readonly columns: readonly string[];
}

/** The last line of a backup: how many rows each table has. */
export interface BackupTrailer {
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Reads the first line of a backup. Throws a StoreError for anything else than a header of this version of the format.
 */
export function parseHeader(line: string, path: string): BackupHeader {
  const header = parseLine(line);
  const found = header?.['keytideBackup'];
  if (found === FORMAT_VERSION) return header as unknown as BackupHeader;
  if (typeof found === 'number')
    throw new StoreError(
      `Backup ${path}: found format ${found}; expected format ${FORMAT_VERSION}: restore it with the Keytide that wrote it (${String(header?.['version'])}), or a later one.`,
    );
  throw notABackup(path);
}

/** Reads a line between the rows: a table, or the trailer. Throws a StoreError for anything else. */
export function parseSection(line: string, path: string): BackupTable | BackupTrailer {
  const section = parseLine(line);
  if (section !== null && (Array.isArray(section['columns']) || typeof section['rows'] === 'object'))
    return section as unknown as BackupTable | BackupTrailer;
  throw damageError(path, 'a line that is neither a table nor the end');
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** The error for a file that is something else than a backup. */
export function notABackup(path: string): StoreError {
  return new StoreError(`Backup ${path}: found another kind of file; expected a file that keytide backup wrote.`);
}

/** The error for a backup that was cut short or altered. Nothing of it was restored. */
export function damageError(path: string, found: string): StoreError {
  return new StoreError(
    `Backup ${path}: found ${found}; expected the whole file as keytide backup wrote it. Nothing was restored: take another copy of the file.`,
  );
}
