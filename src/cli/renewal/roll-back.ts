import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { writeJournal, type Journal } from './journal.ts';
import { buildHookVariables, isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';
import { computeElapsedShare } from './elapsed-share.ts';

/**
 * Elapsed share of the grace period from which the rotation is undone without waiting for failing places: at the end of
 * the grace period the old secret would retire in all places.
 */
const UNDO_ANYWAY_SHARE = 0.9;

/** A place to which the old secret could not be written back. */
interface PlaceFailure {
  readonly place: string;
  readonly message: string;
}

/**
 * Rolls a rotation back. Writes the old secret to all places, including those that failed before, because such a place
 * may have stored the new secret without confirming it. Only then undoes the rotation at the gateway: an unused new
 * secret ends at once, and a used one retires after another grace period. If the old secret has retired already, the
 * journal returns to RECEIVED with no place deployed. Returns the updated journal.
 *
 * @throws CommandError and ClientError; the next run continues.
 */
export async function rollBack(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders, now } = run.context;
  const { name } = run.registeredKey;
  const oldSecret = await unseal(journal.privateKey, journal.previous);
  let own: OwnKey;
  try {
    own = await run.clientOf(oldSecret).ownKey();
  } catch (error) {
    if (!isSecretRetired(error) || journal.received === null) throw error;
    // Too late to roll back: only the new secret is valid, so it is deployed to every place again.
    const restarted = { ...journal, deployed: [], previousRetiresAt: null, graceMs: null };
    return writeJournal(folders, name, { ...restarted, step: 'RECEIVED' });
  }
  const failures = await restoreOldSecret(run, oldSecret);
  const isUndone = isCurrentSecret(oldSecret, own);
  // A secret that was never received is in no place.
  const mayWait = journal.received !== null && computeElapsedShare(journal, now()) < UNDO_ANYWAY_SHARE;
  if (failures.length > 0 && !isUndone && mayWait) {
    throw waitingError('The rotation will be undone when these places have the old secret again.', failures);
  }
  if (!isUndone) await undoAtGateway(run, journal);
  // A place that never confirmed the new secret is not waited for: most likely it still has the old one.
  const remaining = failures.filter(({ place }) => journal.deployed.includes(place));
  if (remaining.length > 0) {
    throw waitingError('The rotation was undone, but these places do not have the old secret again yet.', remaining);
  }
  return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'TAKEN_BACK' });
}

async function restoreOldSecret(run: RenewalRun, oldSecret: Sensitive<string>): Promise<PlaceFailure[]> {
  const failures: PlaceFailure[] = [];
  for (const { place, put } of run.places) {
    try {
      await put(oldSecret, buildHookVariables(run));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures.push({ place, message: error.message });
    }
  }
  return failures;
}

function waitingError(found: string, failures: readonly PlaceFailure[]): CommandError {
  const details = failures.map(({ place, message }) => `${place}: ${message}`).join(' ');
  return new CommandError(exitStatus.TEMPORARY, `${found} ${details}`);
}

function isSecretRetired(error: unknown): boolean {
  return error instanceof ClientError && error.details['outcome'] === 'SECRET_RETIRED';
}

async function undoAtGateway(
  run: RenewalRun,
  { privateKey, previous, received, idempotencyKey }: Journal,
): Promise<void> {
  const undoWith = async (sealed: string) => {
    const client = run.clientOf(await unseal(privateKey, sealed));
    await client.undoRotation(`${idempotencyKey} undo`).catch(async (error: unknown) => {
      // The rotation was undone already, or has ended: then the secret of this request is the current one.
      const isOver = error instanceof ClientError && error.code === 'ROTATION_NOT_PENDING';
      if (!isOver) throw error;
    });
  };
  try {
    await undoWith(previous);
  } catch (error) {
    // Once the new secret has been used, only the new secret may undo the rotation.
    const isForbidden = error instanceof ClientError && error.code === 'FORBIDDEN';
    if (!isForbidden || received === null) throw error;
    await undoWith(received);
  }
}
