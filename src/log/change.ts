import type { EventDraft } from '../domain/event-detail.ts';
import { isJournaledType } from '../domain/journaled-event.ts';
import type { Core, Transaction } from '../store/core.ts';
import { forgetLoads, shareLoads } from '../store/load-once.ts';
import { append, writeRows } from './append.ts';
import { DeferredRows, type RowWriter } from './deferred-rows.ts';

/** Maximum wait for a connection, and maximum duration of the transaction. */
const MAX_WAIT_MS = 10_000;
const TIMEOUT_MS = 30_000;

/** A change in progress: its transaction, and the events that record it. */
export interface Change<C extends Core = Core> {
  readonly core: C;
  readonly tx: Transaction;
  /** The operation that makes this change, as one of its steps. Undefined: none. */
  readonly operationId?: string;
  /** Returns the current instant. Call it after taking the locks that the change needs. */
  now(): Date;
  /** Writes rows in the last statement of the transaction. */
  readonly rows: RowWriter;
  /** Writes the rows that were given to `rows` so far, for a step that reads them. */
  writeRows(): Promise<void>;
  /** Records events. They are appended in the order of the calls, as the last statement of the transaction. */
  record(...drafts: EventDraft[]): void;
  /**
   * Notes keys that changed without an event, so that no node verifies from an old copy of them. Not needed for keys
   * with a recorded event.
   */
  noteQuietly(...keyIds: string[]): void;
  /**
   * Registers a task that runs after the commit and before the caller gets its response. If the task fails, the error
   * goes to `core.onPostCommitError` and not to the caller, because the change has been committed.
   */
  afterCommit(task: () => Promise<void>): void;
  /**
   * Whether this is a rehearsal, outside of a transaction and without locks: it only finds out what the change will
   * need (see `rehearse`). The first write ends it.
   */
  readonly isRehearsal: boolean;
  /** Returns a value that the rehearsal and all attempts at this change share. The first call makes it. */
  share<Value>(name: string, make: () => Value): Value;
  /** Makes the next call of `share` with this name make a new value. */
  unshare(name: string): void;
}

/**
 * Thrown in a transaction that lacks something which must not be obtained while it holds locks, or whose instant is too
 * old (`prepare` is null). The change is rolled back, prepared and run again (see `changeAfterRehearsal`).
 */
export class RetryChange extends Error {
  readonly prepare: (() => Promise<void>) | null;
  /** What the change is about. Changes of the same subject that are run again take turns. */
  readonly subject: string;

  constructor(subject: string, prepare: (() => Promise<void>) | null) {
    super('the change must be prepared outside of its transaction');
    this.subject = subject;
    this.prepare = prepare;
  }
}

/** Returns the functions of a change that share values between its rehearsal and its attempts. */
export function shareIn(values: Map<string, unknown>): Pick<Change, 'share' | 'unshare'> {
  return {
    share<Value>(name: string, make: () => Value): Value {
      if (!values.has(name)) values.set(name, make());
      return values.get(name) as Value;
    },
    unshare: (name) => void values.delete(name),
  };
}

/**
 * Runs a change and appends its events in one transaction (law 7): both are committed, or neither. Every write of state
 * that an event describes goes through here.
 */
export async function change<T, C extends Core>(
  core: C,
  body: (change: Change<C>) => Promise<T>,
  shared: Map<string, unknown> = new Map(),
): Promise<T> {
  const tasks: (() => Promise<void>)[] = [];
  const { revocationJournal } = core;
  const drafts: EventDraft[] = [];
  const quietKeyIds = new Set<string>();
  const rows = new DeferredRows();
  const committed = core.prisma.$transaction(
    async (tx) => {
      shareLoads(tx);
      const value = await body({
        core,
        tx,
        now: () => core.clock.now(),
        rows,
        writeRows: () => writeRows(tx, rows),
        record: (...more) => void drafts.push(...more),
        noteQuietly: (...keyIds) => keyIds.forEach((id) => quietKeyIds.add(id)),
        afterCommit: (task) => void tasks.push(task),
        isRehearsal: false,
        ...shareIn(shared),
      });
      for (const { keyId } of drafts) quietKeyIds.delete(keyId ?? '');
      const position = await append(core, tx, drafts, [...quietKeyIds], rows);
      // An acknowledged revocation is also on the disk of the journal.
      if (position !== null && revocationJournal !== undefined && drafts.some(({ type }) => isJournaledType(type)))
        tasks.unshift(() => revocationJournal.waitUntilWritten(position));
      return value;
    },
    // Read committed, as every session is (session-parameters): changes wait for row locks and then read committed rows.
    { maxWait: MAX_WAIT_MS, timeout: TIMEOUT_MS },
  );
  const result = await committed.finally(() => core.onCommit?.(drafts, quietKeyIds));
  // Changes of keys alone leave what rehearsals remember as it is.
  if (drafts.some(({ keyId }) => keyId === undefined || keyId === null)) forgetLoads(core.prisma);
  for (const task of tasks) await task().catch((error: unknown) => core.onPostCommitError?.(error));
  return result;
}
