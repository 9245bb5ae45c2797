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

class CopyOut extends CopyStatement {
  #rows: Buffer[] = [];
  #size = 0;
  #arrived = Promise.withResolvers<void>();

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#rows.push(Buffer.from(chunk)); // the parser uses its buffer again
    this.#size += chunk.length;
    if (this.#size > WAITING_SIZE_MAX) this.connection?.stream.pause();
    this.#arrived.resolve();
  }

  /** Returns all rows that have arrived; waits for the next ones if there are none. Null: the statement is complete. */
  async read(): Promise<Buffer | null> {
    if (this.#rows.length === 0) await Promise.race([this.#arrived.promise, this.done.promise]);
    if (this.#rows.length === 0) return null;
    const rows = Buffer.concat(this.#rows);
    this.#rows = [];
    this.#size = 0;
    this.#arrived = Promise.withResolvers();
    this.connection?.stream.resume();
    return rows;
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
 * Yields the rows of `COPY … TO STDOUT` in the text format, in pieces of whole rows. The server waits for a slow reader,
 * so the memory is bounded.
 */
export async function* copyOut(client: ClientBase, sql: string): AsyncGenerator<Buffer, void> {
  const copy = client.query(new CopyOut(sql));
  for (let rows = await copy.read(); rows !== null; rows = await copy.read()) yield rows;
  await copy.done.promise;
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
