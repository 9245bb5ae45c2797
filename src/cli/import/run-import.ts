import type { Client } from '../../client/client.ts';
import { runMutation } from '../run-mutation.ts';
import { toImportInput, type RowMapping } from './map-row.ts';
import type { RefusedSourceRow } from './refusal-report.ts';
import type { SourceRow } from './source-row.ts';

/** How many rows one request has, and how long their JSON may be: the gateway accepts 1,000 rows and 4 MB. */
const BATCH_ROWS = 1_000;
const BATCH_LENGTH = 1_200_000;

/** How many requests are on their way: the gateway evaluates the policies of one while it writes another. */
const REQUESTS_AT_ONCE = 2;

/** When policies begin to stop the keys, as `importKeys` takes it. */
export interface ImportRamp {
  readonly bindFrom: string;
  readonly spreadOver: string;
}

/** What an import sends besides the rows. */
export interface ImportRequest {
  readonly realm: string;
  readonly ramp: ImportRamp | null;
  readonly dryRun: boolean;
}

/** A row that was imported, or that would be. */
export interface ImportedSourceRow {
  readonly unchanged: boolean;
  readonly stopsAt: string | null;
}

/** What became of some rows that follow each other in the file. */
export interface ImportedBatch {
  /** The number of the last row. */
  readonly rowCount: number;
  readonly bytesRead: number;
  readonly rows: readonly ImportedSourceRow[];
  readonly refused: readonly RefusedSourceRow[];
}

interface ImportAnswer {
  readonly rows: readonly ImportedSourceRow[];
  readonly refused: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

/** Imports rows in batches, and yields what became of them, in the order of the rows. Throws as `runMutation` does. */
export async function* importRows(
  client: Client,
  rows: AsyncIterable<SourceRow>,
  mapping: RowMapping,
  request: ImportRequest,
): AsyncGenerator<ImportedBatch, void> {
  const running: Promise<ImportedBatch>[] = [];
  for await (const batch of collectBatches(rows, mapping)) {
    const sent = sendBatch(client, batch, request);
    sent.catch(() => undefined); // thrown where it is awaited
    running.push(sent);
    if (running.length >= REQUESTS_AT_ONCE) yield (await running.shift()) as ImportedBatch;
  }
  for (const sent of running) yield await sent;
}

interface Batch {
  readonly rows: SourceRow[];
  readonly keys: object[];
  readonly sent: SourceRow[];
  readonly unreadable: RefusedSourceRow[];
}

async function* collectBatches(rows: AsyncIterable<SourceRow>, mapping: RowMapping): AsyncGenerator<Batch> {
  let batch: Batch = { rows: [], keys: [], sent: [], unreadable: [] };
  let length = 0;
  for await (const row of rows) {
    const key = readKey(row, mapping, batch.unreadable);
    const size = key === null ? 0 : JSON.stringify(key).length;
    if (batch.rows.length >= BATCH_ROWS || (length > 0 && length + size > BATCH_LENGTH)) {
      const moved = key === null ? batch.unreadable.splice(-1) : [];
      yield batch;
      batch = { rows: [], keys: [], sent: [], unreadable: moved };
      length = 0;
    }
    batch.rows.push(row);
    length += size;
    if (key !== null) {
      batch.keys.push(key);
      batch.sent.push(row);
    }
  }
  if (batch.rows.length > 0) yield batch;
}

function readKey(row: SourceRow, mapping: RowMapping, unreadable: RefusedSourceRow[]): object | null {
  try {
    return toImportInput(row, mapping);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unreadable.push({ row, code: 'BAD_USER_INPUT', message: error.message });
    return null;
  }
}

async function sendBatch(client: Client, batch: Batch, { realm, ramp, dryRun }: ImportRequest): Promise<ImportedBatch> {
  const last = batch.rows.at(-1);
  const answer: ImportAnswer =
    batch.keys.length === 0
      ? { rows: [], refused: [] }
      : await runMutation<ImportAnswer>(client, {
          name: 'importKeys',
          input: { realm, dryRun, keys: batch.keys, ...(ramp !== null && { ramp }) },
          select: 'rows { unchanged stopsAt } refused { index code message }',
        });
  const refused = answer.refused.flatMap(({ index, code, message }) => {
    const row = batch.sent[index];
    return row === undefined ? [] : [{ row, code, message }];
  });
  return {
    rowCount: last?.number ?? 0,
    bytesRead: last?.bytesRead ?? 0,
    rows: answer.rows,
    refused: [...refused, ...batch.unreadable].toSorted((a, b) => a.row.number - b.row.number),
  };
}
