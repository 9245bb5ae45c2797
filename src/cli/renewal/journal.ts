import { join } from 'node:path';
import { z } from 'zod';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, removeFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';
import { readPrivateFile } from '../private-file.ts';

/**
 * The steps of a renewal:
 *
 * - ASKED: the request may have been sent; it is sent again under the same idempotency key.
 * - RECEIVED: the new secret was received and is being written to its places.
 * - DEPLOYED: the new secret is in all places and has to be proven.
 * - TAKING_BACK: the rotation is being rolled back; the old secret is being written to its places again.
 * - DONE: only the `after` hook is left.
 */
const journalSteps = ['ASKED', 'RECEIVED', 'DEPLOYED', 'TAKING_BACK', 'DONE'] as const;

const journalSchema = z.strictObject({
  keyId: z.string(),
  step: z.enum(journalSteps),
  action: z.enum(['renew', 'rotate']),
  idempotencyKey: z.string(),
  startedAt: z.iso.datetime(),
  gracePeriod: z.string().nullable(),
  publicKey: z.string(),
  privateKey: z.string(),
  /** The old secret, sealed to `publicKey`. */
  previous: z.string(),
  /** The new secret, sealed to `publicKey`; null: none was received. */
  received: z.string().nullable(),
  previousRetiresAt: z.string().nullable(),
  /** Length of the grace period in ms by the gateway's clock; null: this run has no rotation to undo or confirm. */
  graceMs: z.number().nullable(),
  /** The places that have the new secret. */
  deployed: z.array(z.string()),
  /** Whether the `prove` hook has succeeded with the new secret: it does not run again. */
  isProved: z.literal(true).optional(),
  /** The outcome; null: not known yet. */
  outcome: z.enum(['RENEWED', 'ROTATED', 'TAKEN_BACK']).nullable(),
});

/**
 * Everything that is needed to continue a renewal after a kill. Written before each step, with mode 0600: its private
 * key opens both secrets, so it is as sensitive as the secret file.
 */
export type Journal = Readonly<z.output<typeof journalSchema>>;

/**
 * Reads the journal of a key; null: no renewal is in progress. @throws CommandError NO_PERMISSION if other users have
 * access to it, DATA if it is damaged.
 */
export async function readJournal(folders: Folders, name: string): Promise<Journal | null> {
  const path = journalFile(folders, name);
  if ((await readTextFile(path)) === null) return null;
  try {
    return journalSchema.parse(JSON.parse((await readPrivateFile(path)).reveal()));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    // The parser's message may contain parts of the journal, so it is not the cause of this error.
    throw new CommandError(exitStatus.DATA, `The journal ${path} is damaged: see the guide to renewal for what to do.`);
  }
}

/** Writes the journal durably and returns it. */
export async function writeJournal(folders: Folders, name: string, journal: Journal): Promise<Journal> {
  await makeFolder(join(folders.state, 'journals'));
  await writeFileAtomically(journalFile(folders, name), `${JSON.stringify(journal)}\n`);
  return journal;
}

/** Removes the journal at the end of a renewal. */
export async function removeJournal(folders: Folders, name: string): Promise<void> {
  await removeFile(journalFile(folders, name));
}

/** Returns the path of a journal. */
export function journalFile({ state }: Folders, name: string): string {
  return join(state, 'journals', `${name}.json`);
}
