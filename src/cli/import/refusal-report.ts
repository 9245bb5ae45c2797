import { open, type FileHandle } from 'node:fs/promises';
import { CommandError, exitStatus } from '../exit-status.ts';
import { writeCsv } from './read-csv.ts';
import type { SourceFile } from './read-rows.ts';
import type { SourceRow } from './source-row.ts';

/** A row that was refused. */
export interface RefusedSourceRow {
  readonly row: SourceRow;
  readonly code: string;
  readonly message: string;
}

/**
 * The file of refused rows, in the format of the export and with the reason beside each row: mend the rows and import
 * this file. It is made with the first refused row, and only its owner can read it.
 */
export class RefusalReport {
  readonly #path: string;
  readonly #source: SourceFile;
  #file: FileHandle | null = null;
  #size: number;

  /** `size` is how much of an existing report stays, in bytes: the report of rows that are done. */
  constructor(path: string, source: SourceFile, size: number) {
    this.#path = path;
    this.#source = source;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async add(rows: readonly RefusedSourceRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      const isNew = this.#size === 0;
      this.#file ??= await this.#open();
      const isCsv = this.#source.format === 'CSV';
      const header = isCsv && isNew ? writeCsv([...this.#source.columns, 'refusedCode', 'refusedMessage']) : '';
      const text = Buffer.from(header + rows.map((row) => (isCsv ? this.#csv(row) : toJsonLine(row))).join(''));
      await this.#file.write(text, 0, text.length, this.#size);
      // Before the journal, which says how much of it counts.
      await this.#file.datasync();
      this.#size += text.length;
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      throw new CommandError(exitStatus.CANNOT_CREATE, `Cannot write ${this.#path} (${code}).`, error);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, this.#size === 0 ? 'w' : 'r+', 0o600);
    await file.truncate(this.#size);
    return file;
  }

  #csv({ row, code, message }: RefusedSourceRow): string {
    return writeCsv([...this.#source.columns.map((name) => String(row.values[name] ?? '')), code, message]);
  }
}

function toJsonLine({ row, code, message }: RefusedSourceRow): string {
  return `${JSON.stringify({ ...row.values, refusedCode: code, refusedMessage: message })}\n`;
}
