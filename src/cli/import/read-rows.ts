import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readCsv } from './read-csv.ts';
import { ROW_MAX, type SourceRow, type SourceValue } from './source-row.ts';

export type SourceFormat = 'CSV' | 'NDJSON';

/** An export that is being read. */
export interface SourceFile {
  readonly format: SourceFormat;
  readonly size: number;
  /** When the file was last changed, in ms since 1970. */
  readonly changedAtMs: number;
  /** The columns of a CSV file, in its order; empty for NDJSON. Known once the first row has been read. */
  readonly columns: readonly string[];
  rows(): AsyncGenerator<SourceRow, void>;
}

/**
 * Opens an export: CSV with a header, or a JSON object a line (NDJSON), which the file’s name or its first character
 * tells. Rows are read as they are needed.
 *
 * @throws CommandError NO_INPUT if the file cannot be read; DATA while reading, for a malformed row.
 */
export async function openSource(path: string): Promise<SourceFile> {
  const { size, mtimeMs } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(exitStatus.NO_INPUT, `Cannot read ${path} (${error.code ?? 'unknown error'}).`, error);
  });
  const format = await findFormat(path);
  const columns: string[] = [];
  return {
    format,
    size,
    changedAtMs: mtimeMs,
    columns,
    async *rows() {
      const counted = countBytes(path);
      let number = 0;
      const records = format === 'CSV' ? readRecords(counted.pieces(), columns) : readObjects(counted.pieces());
      for await (const values of records) yield { values, number: (number += 1), bytesRead: counted.bytes() };
    },
  };
}

async function findFormat(path: string): Promise<SourceFormat> {
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'NDJSON';
  if (/\.csv$/i.test(path)) return 'CSV';
  for await (const piece of createReadStream(path, { encoding: 'utf8', end: 99 })) {
    return (piece as string)
      .replace(/^\uFEFF/, '')
      .trimStart()
      .startsWith('{')
      ? 'NDJSON'
      : 'CSV';
  }
  return 'CSV';
}

function countBytes(path: string) {
  let bytes = 0;
  return {
    bytes: () => bytes,
    async *pieces(): AsyncGenerator<string> {
      const decoder = new TextDecoder('utf-8', { fatal: true });
      try {
        for await (const chunk of createReadStream(path)) {
          bytes += (chunk as Buffer).length;
          yield decoder.decode(chunk as Buffer, { stream: true });
        }
        yield decoder.decode();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new CommandError(exitStatus.DATA, `The file ${path} has bytes that are not UTF-8.`, error);
      }
    },
  };
}

async function* readRecords(
  pieces: AsyncIterable<string>,
  columns: string[],
): AsyncGenerator<Record<string, SourceValue>> {
  for await (const record of readCsv(pieces)) {
    if (columns.length === 0) {
      columns.push(...record.map((name) => name.trim()));
      continue;
    }
    if (record.length > columns.length) {
      throw new CommandError(
        exitStatus.DATA,
        `A record has ${record.length} fields; the header has ${columns.length}.`,
      );
    }
    yield Object.fromEntries(columns.map((name, index) => [name, record[index] ?? '']));
  }
}

async function* readObjects(pieces: AsyncIterable<string>): AsyncGenerator<Record<string, SourceValue>> {
  let number = 0;
  for await (const line of readLines(pieces)) {
    number += 1;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = null;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new CommandError(exitStatus.DATA, `Line ${number} is not a JSON object.`);
    }
    yield value as Record<string, SourceValue>;
  }
}

async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let isStart = true;
  for await (const piece of pieces) {
    rest += isStart ? piece.replace(/^\uFEFF/, '') : piece;
    isStart = false;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > ROW_MAX) throw new CommandError(exitStatus.DATA, `A line has more than ${ROW_MAX} characters.`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}
