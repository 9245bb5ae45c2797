import { AsyncLocalStorage } from 'node:async_hooks';
import type { Core } from '../store/core.ts';
import { isContention, isUnavailable } from '../store/unavailable.ts';
import {
  change,
  changeTogether,
  RolledBackTogether,
  type Change,
  type ChangeBody,
  type ChangeOutcome,
} from './change.ts';

/** The most changes of one transaction. */
const GROUP_MAX = 64;

/** How many transactions of one group run at the same time: while one waits for the disk, the next one reads. */
const RUNNING_MAX = 2;

/** A change that waits for its transaction. */
interface WaitingChange extends ChangeBody {
  readonly resolve: (outcome: ChangeOutcome) => void;
}

interface Group {
  readonly waiting: WaitingChange[];
  runningCount: number;
}

const groups = new WeakMap<Core['prisma'], Map<string, Group>>();

/**
 * Runs a change as `change` does, but with others of the same group that wait for a transaction in this process: they share
 * one transaction, its reads and its commit. A change that waits for no other runs at once. A change of a group writes
 * only by `rows` and `record`, locks only rows that all changes of its group lock, and needs no row that another writes.
 * It waits for other locks outside of the transaction (`tryShareOwners`).
 */
export async function changeInGroup<T, C extends Core>(
  name: string,
  { core, body, shared }: ChangeBody<T, C>,
): Promise<T> {
  const own = groups.get(core.prisma) ?? new Map<string, Group>();
  groups.set(core.prisma, own);
  const group = own.get(name) ?? { waiting: [], runningCount: 0 };
  own.set(name, group);
  // What a change logs belongs to its own request, whichever request began the transaction.
  const inOwnScope = AsyncLocalStorage.snapshot();
  const scoped = (change: Change<C>) =>
    inOwnScope(body, { ...change, afterCommit: (task) => change.afterCommit(() => inOwnScope(task)) });
  const outcome = await new Promise<ChangeOutcome>((resolve) => {
    group.waiting.push({ core, body: scoped, shared, resolve } as unknown as WaitingChange);
    if (group.runningCount < RUNNING_MAX) void runGroups(group).then(() => group.runningCount > 0 || own.delete(name));
  });
  if ('error' in outcome) throw outcome.error;
  return outcome.value as T;
}

async function runGroups(group: Group): Promise<void> {
  group.runningCount += 1;
  while (group.waiting.length > 0) {
    const changes = group.waiting.splice(0, GROUP_MAX);
    const outcomes = await runTogether(changes);
    for (const [index, { resolve }] of changes.entries()) resolve(outcomes[index] as ChangeOutcome);
  }
  group.runningCount -= 1;
}

async function runTogether(changes: readonly ChangeBody[]): Promise<readonly ChangeOutcome[]> {
  try {
    return await changeTogether(changes);
  } catch (error) {
    // If the database cannot be reached, all fail. A deadlock or a timeout of the whole group may be due to one of them.
    const mayRunAlone =
      error instanceof RolledBackTogether && (isContention(error.cause) || !isUnavailable(error.cause));
    if (mayRunAlone) return Promise.all(changes.map(runAlone));
    const cause = error instanceof RolledBackTogether ? error.cause : error;
    return changes.map(() => ({ error: cause }));
  }
}

async function runAlone({ core, body, shared }: ChangeBody): Promise<ChangeOutcome> {
  return change(core, body, shared).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
