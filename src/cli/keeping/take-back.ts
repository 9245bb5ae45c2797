import { ClientError } from '../../client/client-error.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { writeJournal, type Journal } from './journal.ts';
import { factsOf, type Run } from './run.ts';
import { unseal } from './seal.ts';

/**
 * Takes a rotation back: the old secret stays, and goes back to its places; also to those that failed, for one that failed may have
 * taken the new one. While nobody has used the
 * new one it ends at once; else it retires after the same grace, within which every place has the old one again. Where the old
 * one has retired already, the journal goes back to deploying.
 *
 * @throws CommandError and ClientError; the next run goes on.
 */
export async function takeBack(run: Run, journal: Journal): Promise<Journal> {
  const old = await unseal(journal.privateKey, journal.previous);
  try {
    await undo(run, journal);
  } catch (error) {
    if (!hasRetired(error) || journal.received === null) throw error;
    // It is too late: the new secret is the only one that is good, so it goes wherever it can.
    return writeJournal(run.context.folders, run.kept.name, { ...journal, step: 'RECEIVED', previousRetiresAt: null });
  }
  const failures: string[] = [];
  for (const { place, put } of run.places) {
    try {
      await put(old, factsOf(run));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // One that has failed all along is not waited for: most likely it has the old one still.
      if (journal.deployed.includes(place)) failures.push(`${place}: ${error.message}`);
    }
  }
  if (failures.length > 0) {
    const found = 'The rotation was taken back, and these places do not have the old secret again yet.';
    throw new CommandError(exitStatus.TEMPORARY, `${found} ${failures.join(' ')}`);
  }
  return writeJournal(run.context.folders, run.kept.name, { ...journal, step: 'DONE', outcome: 'TAKEN_BACK' });
}

function hasRetired(error: unknown): boolean {
  return error instanceof ClientError && error.details['outcome'] === 'SECRET_RETIRED';
}

async function undo(run: Run, { privateKey, previous, received, idempotencyKey }: Journal): Promise<void> {
  const undoWith = async (sealed: string) => {
    const client = run.clientOf(await unseal(privateKey, sealed));
    await client.undoRotation(`${idempotencyKey} undo`).catch(async (error: unknown) => {
      // It was taken back already, or has ended: then the secret that is asked with is the one that stays.
      const isOver = error instanceof ClientError && error.code === 'ROTATION_NOT_PENDING';
      if (!isOver) throw error;
    });
  };
  try {
    await undoWith(previous);
  } catch (error) {
    // Once the new secret has been used it alone may.
    const isForbidden = error instanceof ClientError && error.code === 'FORBIDDEN';
    if (!isForbidden || received === null) throw error;
    await undoWith(received);
  }
}
