import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { writeJournal, type Journal } from './journal.ts';
import { buildHookVariables, isCurrentSecret, type RenewalRun } from './renewal-run.ts';
import { unseal } from './seal.ts';
import { computeElapsedShare } from './elapsed-share.ts';

/** From this share of the grace on no place is waited for any more: at its end the old secret would retire in all of them. */
const UNDO_ANYWAY_SHARE = 0.9;

/** A place that does not have the old secret again. */
interface PlaceFailure {
  readonly place: string;
  readonly message: string;
}

/**
 * Takes a rotation back: the old secret goes back to all its places, also to those that failed, for one of these may have taken the
 * new one without saying so. Only then is the rotation undone, upon which a new secret that nobody has used ends at once; one that
 * was used retires after the same grace. Where the old one has retired already, the journal goes back to deploying.
 *
 * @throws CommandError and ClientError; the next run goes on.
 */
export async function rollBack(run: RenewalRun, journal: Journal): Promise<Journal> {
  const { folders, now } = run.context;
  const { name } = run.registeredKey;
  const old = await unseal(journal.privateKey, journal.previous);
  let own: OwnKey;
  try {
    own = await run.clientOf(old).ownKey();
  } catch (error) {
    if (!isSecretRetired(error) || journal.received === null) throw error;
    // It is too late: the new secret is the only one that is good, so it goes wherever it can.
    const late = { ...journal, deployed: [], previousRetiresAt: null, graceMs: null };
    return writeJournal(folders, name, { ...late, step: 'RECEIVED' });
  }
  const failures = await restoreOldSecret(run, old);
  const isUndone = isCurrentSecret(old, own);
  // What nobody has received is in no place.
  const mayWait = journal.received !== null && computeElapsedShare(journal, now()) < UNDO_ANYWAY_SHARE;
  if (failures.length > 0 && !isUndone && mayWait) {
    throw waitingError('The rotation is to be taken back when these places have the old secret again.', failures);
  }
  if (!isUndone) await undoAtGateway(run, journal);
  // One that never said that it had the new secret is not waited for now: most likely it has the old one still.
  const left = failures.filter(({ place }) => journal.deployed.includes(place));
  if (left.length > 0) {
    throw waitingError('The rotation was taken back, and these places do not have the old secret again yet.', left);
  }
  return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'TAKEN_BACK' });
}

async function restoreOldSecret(run: RenewalRun, old: Sensitive<string>): Promise<PlaceFailure[]> {
  const failures: PlaceFailure[] = [];
  for (const { place, put } of run.places) {
    try {
      await put(old, buildHookVariables(run));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures.push({ place, message: error.message });
    }
  }
  return failures;
}

function waitingError(found: string, failures: readonly PlaceFailure[]): CommandError {
  const said = failures.map(({ place, message }) => `${place}: ${message}`).join(' ');
  return new CommandError(exitStatus.TEMPORARY, `${found} ${said}`);
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
