import type { EventDraft } from '../domain/event.ts';
import type { Core, Transaction } from '../store/core.ts';
import { append } from './append.ts';

/** How long a change may wait for a connection, and how long it may take in all. */
const WAIT_MS = 10_000;
const LIMIT_MS = 30_000;

/** A change under way: its transaction, and the events that it will be told by. */
export interface Change<C extends Core = Core> {
  readonly core: C;
  readonly tx: Transaction;
  /** The present instant. Read it after taking the locks that the change needs. */
  now(): Date;
  /** Tells of the change: the events are appended as its last statement, in the order in which they were told. */
  record(...drafts: EventDraft[]): void;
  /** Does something when the change has committed, and before its caller is answered. Its caller is not told that it fails: the change has been made. */
  afterCommit(task: () => Promise<void>): void;
}

/**
 * Runs a change in one transaction together with the events that tell of it (law 7): all of it happens or nothing.
 * Whatever writes state that an event speaks of goes through here.
 */
export async function change<T, C extends Core>(core: C, body: (change: Change<C>) => Promise<T>): Promise<T> {
  const tasks: (() => Promise<void>)[] = [];
  const answer = await core.prisma.$transaction(
    async (tx) => {
      const drafts: EventDraft[] = [];
      const result = await body({
        core,
        tx,
        now: () => core.clock.now(),
        record: (...more) => void drafts.push(...more),
        afterCommit: (task) => void tasks.push(task),
      });
      await append(core, tx, drafts);
      return result;
    },
    // Said, because a database may default to another: changes wait for each other's rows and then see them as they are.
    { maxWait: WAIT_MS, timeout: LIMIT_MS, isolationLevel: 'ReadCommitted' },
  );
  for (const task of tasks) await task().catch((error: unknown) => core.onPostCommitError?.(error));
  return answer;
}
