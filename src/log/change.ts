import type { EventDraft } from '../domain/event-detail.ts';
import { isJournaledType } from '../domain/journaled-event.ts';
import { RequestError } from '../domain/request-error.ts';
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

/** What a transaction runs, with the values that its rehearsal and its attempts share. */
export interface ChangeBody<T = unknown, C extends Core = Core> {
  readonly core: C;
  readonly body: (change: Change<C>) => Promise<T>;
  readonly shared: Map<string, unknown>;
}

/** What became of one of several changes that ran in one transaction. */
export type ChangeOutcome<T = unknown> = { readonly value: T } | { readonly error: unknown };

/** Thrown if several changes were rolled back together. Nothing was committed, so that each may be run alone. */
export class RolledBackTogether extends Error {}

/**
 * Runs a change and appends its events in one transaction (law 7): both are committed, or neither. Every write of state
 * that an event describes goes through here.
 */
export async function change<T, C extends Core>(
  core: C,
  body: (change: Change<C>) => Promise<T>,
  shared: Map<string, unknown> = new Map(),
): Promise<T> {
  const [only] = await changeTogether([{ core, body, shared }]);
  if (only === undefined || 'error' in only) throw only?.error;
  return only.value;
}

/**
 * Runs changes of one database, one after the other, in one transaction. If one of several throws RequestError or
 * RetryChange, the others are committed without it: until then it must have written only by `rows`.
 *
 * @throws RolledBackTogether if one of several met another error before the commit.
 */
export async function changeTogether<T, C extends Core>(
  bodies: readonly ChangeBody<T, C>[],
): Promise<readonly ChangeOutcome<T>[]> {
  const { core } = bodies[0] as ChangeBody<T, C>;
  const { revocationJournal } = core;
  const isAlone = bodies.length === 1;
  const drafts: EventDraft[] = [];
  const quietKeyIds = new Set<string>();
  const tasks: (() => Promise<void>)[][] = [];
  let isCommitting = false;
  const committed = core.prisma.$transaction(
    async (tx) => {
      shareLoads(tx);
      const rows = new DeferredRows();
      const outcomes: ChangeOutcome<T>[] = [];
      for (const one of bodies) {
        const own = startChange(one, tx, rows);
        const outcome = await one.body(own.change).then(
          (value) => ({ value }),
          (error: unknown) => {
            const isRefusal = error instanceof RequestError || error instanceof RetryChange;
            if (isAlone || !isRefusal) throw error;
            return { error };
          },
        );
        outcomes.push(outcome);
        if ('error' in outcome) continue;
        rows.include(own.rows);
        drafts.push(...own.drafts);
        for (const id of own.quietKeyIds) quietKeyIds.add(id);
        tasks.push(own.tasks);
      }
      for (const { keyId } of drafts) quietKeyIds.delete(keyId ?? '');
      const position = await append(core, tx, drafts, [...quietKeyIds], rows);
      // An acknowledged revocation is also on the disk of the journal.
      if (position !== null && revocationJournal !== undefined && drafts.some(({ type }) => isJournaledType(type)))
        for (const own of tasks) own.unshift(() => revocationJournal.waitUntilWritten(position));
      isCommitting = true;
      return outcomes;
    },
    // Read committed, as every session is (session-parameters): changes wait for row locks and then read committed rows.
    { maxWait: MAX_WAIT_MS, timeout: TIMEOUT_MS },
  );
  const outcomes = await committed
    .catch((error: unknown) => {
      if (isAlone || isCommitting) throw error;
      throw new RolledBackTogether('several changes were rolled back together', { cause: error });
    })
    .finally(() => core.onCommit?.(drafts, quietKeyIds));
  // Changes of keys alone leave what rehearsals remember as it is.
  if (drafts.some(({ keyId }) => keyId === undefined || keyId === null)) forgetLoads(core.prisma);
  await Promise.all(
    tasks.map(async (own) => {
      for (const task of own) await task().catch((error: unknown) => core.onPostCommitError?.(error));
    }),
  );
  return outcomes;
}

/** Returns a change in progress, and what it collects until it ends. */
function startChange<C extends Core>({ core, shared }: ChangeBody<unknown, C>, tx: Transaction, before: DeferredRows) {
  const rows = new DeferredRows();
  const drafts: EventDraft[] = [];
  const quietKeyIds = new Set<string>();
  const tasks: (() => Promise<void>)[] = [];
  const change: Change<C> = {
    core,
    tx,
    now: () => core.clock.now(),
    rows,
    async writeRows() {
      await writeRows(tx, before);
      await writeRows(tx, rows);
    },
    record: (...more) => void drafts.push(...more),
    noteQuietly: (...keyIds) => keyIds.forEach((id) => quietKeyIds.add(id)),
    afterCommit: (task) => void tasks.push(task),
    isRehearsal: false,
    ...shareIn(shared),
  };
  return { change, rows, drafts, quietKeyIds, tasks };
}
