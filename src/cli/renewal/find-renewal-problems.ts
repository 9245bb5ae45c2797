import { CommandError, exitStatus, type ExitStatus } from '../exit-status.ts';
import type { Folders } from '../folders.ts';
import { readJournal, type Journal } from './journal.ts';
import { readLastKnown } from './last-known.ts';
import { readRunHistory } from './run-history.ts';

/** Something that a person should know about the renewal of a registered key. */
export interface RenewalProblem {
  readonly message: string;
  /** The exit status of the failure; null: nothing is to be done, because the renewal waits or will be retried. */
  readonly status: ExitStatus | null;
}

/**
 * Finds what is wrong with the renewal of a registered key, from the files of this machine alone: a key that has
 * stopped, a renewal that is unfinished, and a last run that failed.
 */
export async function findRenewalProblems(folders: Folders, name: string, now: Date): Promise<RenewalProblem[]> {
  const problems: RenewalProblem[] = [];
  const lastKnown = await readLastKnown(folders, name);
  if (lastKnown?.stopsAt != null && new Date(lastKnown.stopsAt) <= now) {
    const message = `The key stopped at ${lastKnown.stopsAt}, by its state of ${lastKnown.askedAt}: replace it.`;
    problems.push({ message, status: exitStatus.UNAVAILABLE });
  }
  const reportUnreadable = (error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    problems.push({ message: error.message, status: error.status });
    return null;
  };
  const [lastRun] = (await readRunHistory(folders, [name], 1).catch(reportUnreadable)) ?? [];
  const isWaiting = lastRun?.outcome === 'WAITING';
  const journal = await readJournal(folders, name).catch(reportUnreadable);
  if (journal !== null) {
    problems.push({
      message: describeJournal(journal, name, isWaiting),
      status: isWaiting ? null : exitStatus.TEMPORARY,
    });
  }
  if (lastRun?.outcome === 'FAILED' || lastRun?.outcome === 'UNREACHABLE') {
    const message = `The last run, at ${lastRun.at}, failed: ${lastRun.message}`;
    problems.push({ message, status: lastRun.outcome === 'FAILED' ? lastRun.status : null });
  }
  return problems;
}

function describeJournal({ step, startedAt, previousRetiresAt }: Journal, name: string, isWaiting: boolean): string {
  if (isWaiting)
    return `A rotation that started at ${startedAt} waits for proof that the new secret works; the old secret works until ${previousRetiresAt ?? 'an unknown time'}.`;
  return `A renewal that started at ${startedAt} is unfinished (step ${step}): run keytide renew ${name}.`;
}
