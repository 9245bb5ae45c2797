import { ClientError } from '../../client/client-error.ts';
import type { OwnKey } from '../../client/own-key.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { writeJournal, type Journal } from './journal.ts';
import { factsOf, staysOf, type Run } from './run.ts';
import { unseal } from './seal.ts';
import { spentShare } from './spent-share.ts';

/** From this share of the grace on no place is waited for any more: at its end the old secret would retire in all of them. */
const LAST_CALL = 0.9;

/** A place that does not have the old secret again. */
interface Failure {
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
export async function takeBack(run: Run, journal: Journal): Promise<Journal> {
  const { folders, now } = run.context;
  const { name } = run.kept;
  const old = await unseal(journal.privateKey, journal.previous);
  let own: OwnKey;
  try {
    own = await run.clientOf(old).ownKey();
  } catch (error) {
    if (!hasRetired(error) || journal.received === null) throw error;
    // It is too late: the new secret is the only one that is good, so it goes wherever it can.
    const late = { ...journal, deployed: [], previousRetiresAt: null, graceMs: null };
    return writeJournal(folders, name, { ...late, step: 'RECEIVED' });
  }
  const failures = await putBack(run, old);
  const isUndone = staysOf(old, own);
  // What nobody has received is in no place.
  const mayWait = journal.received !== null && spentShare(journal, now()) < LAST_CALL;
  if (failures.length > 0 && !isUndone && mayWait) {
    throw waiting('The rotation is to be taken back when these places have the old secret again.', failures);
  }
  if (!isUndone) await undo(run, journal);
  // One that never said that it had the new secret is not waited for now: most likely it has the old one still.
  const left = failures.filter(({ place }) => journal.deployed.includes(place));
  if (left.length > 0) {
    throw waiting('The rotation was taken back, and these places do not have the old secret again yet.', left);
  }
  return writeJournal(folders, name, { ...journal, step: 'DONE', outcome: 'TAKEN_BACK' });
}

async function putBack(run: Run, old: Sensitive<string>): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const { place, put } of run.places) {
    try {
      await put(old, factsOf(run));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures.push({ place, message: error.message });
    }
  }
  return failures;
}

function waiting(found: string, failures: readonly Failure[]): CommandError {
  const said = failures.map(({ place, message }) => `${place}: ${message}`).join(' ');
  return new CommandError(exitStatus.TEMPORARY, `${found} ${said}`);
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
