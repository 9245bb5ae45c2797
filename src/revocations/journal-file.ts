import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { StoreError } from '../store/store-error.ts';
import { formatEntry, JOURNAL_FORMAT, parseEntry, type JournalEntry } from './journal-entry.ts';
import { addEntry, type JournalHistories, type JournalHistory } from './journal-histories.ts';

/** The most bytes in one write, in whole lines: the system appends one write without the lines of another process in it. */
const WRITE_SIZE_MAX = 1 << 18;

/** The journal of revocations: read once, then appended to. Several processes may append to one file on a local disk. */
export class JournalFile {
  readonly path: string;
  readonly #histories: Map<string, JournalHistory>;
  #file: FileHandle | null = null;

  private constructor(path: string, histories: Map<string, JournalHistory>) {
    this.path = path;
    this.#histories = histories;
  }

  /**
   * Reads the file. A file that does not exist has no entries, and is not created.
   *
   * Throws a StoreError if it cannot be read, or if it was altered.
   */
  static async open(path: string): Promise<JournalFile> {
    const histories = new Map<string, JournalHistory>();
    if (existsSync(path)) for await (const entry of readJournalEntries(path)) addEntry(histories, entry);
    return new JournalFile(path, histories);
  }

  get histories(): JournalHistories {
    return this.#histories;
  }

  /** Opens the file for appending. Creates it so that only its owner can read it. Throws a StoreError if it cannot. */
  async openToAppend(): Promise<void> {
    if (this.#file !== null) return;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      const isNew = !existsSync(this.path);
      this.#file = await open(this.path, 'a', 0o600);
      if (isNew) await syncFolder(dirname(this.path));
    } catch (error) {
      throw describeFailure(this.path, error, 'written');
    }
  }

  /** Appends entries and syncs them to the disk. Rejects if it fails; the entries may then be there in part. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    await this.openToAppend();
    const file = this.#file;
    if (file === null) throw new Error('The journal is closed.');
    for (const text of joinLines(entries.map(formatEntry))) {
      const bytes = Buffer.from(text);
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new Error(`wrote ${bytesWritten} of ${bytes.length} bytes`);
    }
    await file.datasync();
    for (const entry of entries) addEntry(this.#histories, entry);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

/**
 * Joins lines to texts that are written at once. Each begins with a line break: what was written before may have been cut
 * short, by this process or by another one.
 */
function* joinLines(lines: readonly string[]): Generator<string, void> {
  let text = '\n';
  for (const line of lines) {
    if (text.length > 1 && text.length + line.length > WRITE_SIZE_MAX) {
      yield text;
      text = '\n';
    }
    text += line;
  }
  yield text;
}

/** Yields the entries of a journal. Lines that were cut short are left out. Throws a StoreError for an altered line. */
export async function* readJournalEntries(path: string): AsyncGenerator<JournalEntry, void> {
  const input = createReadStream(path, 'latin1');
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const entry = parseEntry(line);
      if (entry === null) continue;
      const problem = findProblem(entry, number);
      if (problem !== null)
        throw new StoreError(
          `Journal of revocations ${path}: found ${problem}; expected the file as this Keytide or an older one wrote it: restore it from a copy. Without it, a restored database accepts what has been revoked since its backup.`,
        );
      yield entry as JournalEntry;
    }
  } catch (error) {
    throw describeFailure(path, error, 'read');
  } finally {
    input.destroy();
  }
}

function findProblem(entry: JournalEntry | 'ALTERED', number: number): string | null {
  if (entry === 'ALTERED') return `line ${number} that was altered`;
  return 'format' in entry && entry.format !== JOURNAL_FORMAT ? `format ${entry.format}` : null;
}

function describeFailure(path: string, error: unknown, done: 'read' | 'written'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof StoreError) return error;
  const able = done === 'read' ? 'readable' : 'writable';
  return new StoreError(
    `Journal of revocations ${path}: the file cannot be ${done} (${code}): make it ${able}, or name another file in KEYTIDE_REVOCATION_JOURNAL.`,
    { cause: error },
  );
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
