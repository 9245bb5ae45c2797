import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { StoreError } from '../store/store-error.ts';
import {
  damageError,
  END_OF_ROWS,
  notABackup,
  parseHeader,
  parseSection,
  type BackupHeader,
  type BackupTable,
  type BackupTrailer,
} from './backup-format.ts';

/** The longest line between rows, in bytes. A file without line breaks is something else than a backup. */
const LINE_SIZE_MAX = 1 << 20;

const TERMINATOR = Buffer.from(`${END_OF_ROWS}\n`);

/** A backup that is read from its beginning to its end, once. */
export class BackupReader {
  readonly header: BackupHeader;
  readonly #source: LineSource;
  readonly #path: string;

  private constructor(header: BackupHeader, source: LineSource, path: string) {
    this.header = header;
    this.#source = source;
    this.#path = path;
  }

  /** Opens a file and reads its header. Throws a StoreError if it cannot be read, or is something else than a backup. */
  static async open(path: string): Promise<BackupReader> {
    const source = new LineSource(path);
    try {
      return new BackupReader(parseHeader(await source.readLine(), path), source, path);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  /** Reads the next table, whose rows must then be read; or the trailer, which ends the file. */
  async readSection(): Promise<BackupTable | BackupTrailer> {
    const section = parseSection(await this.#source.readLine(), this.#path);
    // The end of the stream has its checksum.
    if (!('table' in section)) await this.#source.expectEnd();
    return section;
  }

  /** Yields the rows of a table, in pieces of whole rows. */
  readRows(): AsyncGenerator<Buffer, void> {
    return this.#source.readRows();
  }

  close(): void {
    this.#source.close();
  }
}

/** Lines of a compressed file, read in pieces. Its errors are StoreErrors. */
class LineSource {
  readonly #path: string;
  readonly #file;
  readonly #stream;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
    this.#file = createReadStream(path);
    this.#stream = createGunzip();
    this.#file.once('error', (error) => this.#stream.destroy(error));
    this.#file.pipe(this.#stream);
    this.#chunks = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  close(): void {
    this.#file.destroy();
    this.#stream.destroy();
  }

  async readLine(): Promise<string> {
    let end = this.#rest.indexOf('\n');
    while (end === -1) {
      if (this.#rest.length > LINE_SIZE_MAX) throw notABackup(this.#path);
      if (!(await this.#readMore())) throw damageError(this.#path, 'a file that was cut short');
      end = this.#rest.indexOf('\n');
    }
    const line = this.#rest.subarray(0, end).toString();
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  async *readRows(): AsyncGenerator<Buffer, void> {
    for (;;) {
      // Each round begins at the beginning of a row.
      const inner = this.#rest.indexOf(Buffer.concat([Buffer.from('\n'), TERMINATOR]));
      const end = this.#rest.subarray(0, TERMINATOR.length).equals(TERMINATOR) ? 0 : inner === -1 ? -1 : inner + 1;
      const rows = this.#rest.subarray(0, end === -1 ? this.#rest.lastIndexOf('\n') + 1 : end);
      // The terminator may be cut in two, behind the last row: then only the rows before it are given.
      this.#rest = this.#rest.subarray(end === -1 ? rows.length : end + TERMINATOR.length);
      if (rows.length > 0) yield rows;
      if (end !== -1) return;
      if (!(await this.#readMore())) throw damageError(this.#path, 'a file that was cut short');
    }
  }

  async expectEnd(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#readMore())) throw damageError(this.#path, 'more after its end');
  }

  async #readMore(): Promise<boolean> {
    try {
      const { value, done } = await this.#chunks.next();
      if (done === true) return false;
      this.#rest = Buffer.concat([this.#rest, value]);
      return true;
    } catch (error) {
      throw this.#describe(error);
    }
  }

  #describe(error: unknown): StoreError {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'Z_BUF_ERROR') return damageError(this.#path, 'a file that was cut short');
    if (code === 'Z_DATA_ERROR' && /header/.test(String(error))) return notABackup(this.#path);
    if (code.startsWith('Z_')) return damageError(this.#path, `a file that was altered (${code})`);
    return new StoreError(`Backup ${this.#path}: the file cannot be read (${code}).`, { cause: error });
  }
}
