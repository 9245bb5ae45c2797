// COPY over a connection of pg, which has the messages of the protocol and no interface for them.
// https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-COPY

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ClientBase, Submittable } from 'pg';

/** How many bytes of rows wait for the reader before the server has to wait too. */
const WAITING_SIZE_MAX = 1 << 20;

/** The part of pg's connection that COPY uses. */
interface CopyConnection {
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** What pg calls for the statement that a connection runs. */
abstract class CopyStatement implements Submittable {
  readonly #sql: string;
  readonly done = Promise.withResolvers<void>();
  connection: CopyConnection | null = null;

  constructor(sql: string) {
    this.#sql = sql;
    this.done.promise.catch(() => undefined); // read where the rows are read or written
  }

  readonly submit = (connection: unknown): void => {
    this.connection = connection as CopyConnection;
    this.connection.query(this.#sql);
  };

  handleError(error: Error): void {
    this.done.reject(error);
  }

  handleReadyForQuery(): void {
    this.done.resolve();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
}

/** The first size of the buffer in which rows wait, in bytes. */
const FIRST_SIZE = 1 << 16;

/** Rows that have arrived and wait for their reader. */
class WaitingRows {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #size = 0;
  #stream: Duplex | null = null;
  #arrived = Promise.withResolvers<void>();

  /** Adds a copy of a row: the parser uses its buffer again. */
  add(row: Buffer, stream: Duplex | null): void {
    if (this.#size + row.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#size + row.length));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    row.copy(this.#bytes, this.#size);
    this.#size += row.length;
    if (this.#size > WAITING_SIZE_MAX) {
      stream?.pause();
      this.#stream = stream;
    }
    this.#arrived.resolve();
  }

  /** Returns all rows that have arrived; waits for the next ones if there are none. Null: no more will arrive. */
  async read(end: Promise<void>): Promise<Buffer | null> {
    if (this.#size === 0) await Promise.race([this.#arrived.promise, end]);
    if (this.#size === 0) return null;
    const rows = this.#bytes.subarray(0, this.#size);
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#size = 0;
    this.#arrived = Promise.withResolvers();
    this.#stream?.resume();
    this.#stream = null;
    return rows;
  }
}

class CopyOut extends CopyStatement {
  readonly #rows: WaitingRows;

  constructor(sql: string, rows: WaitingRows) {
    super(sql);
    this.#rows = rows;
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#rows.add(chunk, this.connection?.stream ?? null);
  }
}

class CopyIn extends CopyStatement {
  readonly begun = Promise.withResolvers<CopyConnection>();

  constructor(sql: string) {
    super(sql);
    this.begun.promise.catch(() => undefined); // an error of a later moment is that of `done`
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.begun.resolve(connection);
  }

  override handleError(error: Error): void {
    super.handleError(error);
    this.begun.reject(error);
  }
}

/**
 * Yields the rows of one or more `COPY … TO STDOUT` in the text format, in pieces of whole rows. A statement begins when
 * the server has sent the rows of the one before, while these are read. The server waits for a slow reader, so the memory
 * is bounded.
 */
export async function* copyOut(client: ClientBase, ...statements: readonly string[]): AsyncGenerator<Buffer, void> {
  const rows = new WaitingRows();
  const end = copyAll(client, statements, rows);
  end.catch(() => undefined); // thrown below, when the rows before the error have been read
  for (let piece = await rows.read(end); piece !== null; piece = await rows.read(end)) yield piece;
  await end;
}

async function copyAll(client: ClientBase, statements: readonly string[], rows: WaitingRows): Promise<void> {
  for (const sql of statements) await client.query(new CopyOut(sql, rows)).done.promise;
}

/**
 * Sends pieces of rows to `COPY … FROM STDIN`. If the source throws, the statement fails, and the source's error is thrown.
 */
export async function copyIn(client: ClientBase, sql: string, source: AsyncIterable<Buffer>): Promise<void> {
  const copy = client.query(new CopyIn(sql));
  const connection = await copy.begun.promise;
  try {
    for await (const chunk of source) {
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableNeedDrain)
        await Promise.race([once(connection.stream, 'drain'), copy.done.promise]);
    }
  } catch (error) {
    connection.sendCopyFail('the source failed');
    await copy.done.promise.catch(() => undefined);
    throw error;
  }
  connection.endCopyFrom();
  await copy.done.promise;
}
