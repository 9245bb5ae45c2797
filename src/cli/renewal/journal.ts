import { join } from 'node:path';
import { z } from 'zod';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, removeFile, writeFileAtomically } from '../places/atomic-file.ts';
import { readPrivateFile } from '../private-file.ts';

/**
 * How far a renewal has come:
 *
 * - ASKED: the gateway may have been asked; it is asked again under the same idempotency key.
 * - RECEIVED: the new secret is here, and goes to its places.
 * - DEPLOYED: it is in all of them, and has to be proved.
 * - TAKING_BACK: some place cannot be reached, and the old secret goes back to the others.
 * - DONE: what is left is the hook at its end.
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
  /** The secret that is replaced, sealed to `publicKey`. */
  previous: z.string(),
  /** The new one, sealed likewise; null: none was received. */
  received: z.string().nullable(),
  previousRetiresAt: z.string().nullable(),
  /** How long the grace is, in ms, by the gateway's clock; null: there is none of ours to take back or to confirm. */
  graceMs: z.number().nullable(),
  /** The places that have the new secret. */
  deployed: z.array(z.string()),
  /** What became of it; null: that is not known yet. */
  outcome: z.enum(['RENEWED', 'ROTATED', 'TAKEN_BACK']).nullable(),
});

/**
 * What a renewal has to know to go on after it was killed. Written before each step, for its owner alone: with its private
 * half it opens both secrets, as the file that holds the secret does.
 */
export type Journal = Readonly<z.output<typeof journalSchema>>;

/** A key's journal; null: no renewal is under way. @throws CommandError NO_PERMISSION or DATA when it cannot be trusted. */
export async function readJournal(folders: Folders, name: string): Promise<Journal | null> {
  const path = journalFile(folders, name);
  if ((await readTextFile(path)) === null) return null;
  try {
    return journalSchema.parse(JSON.parse((await readPrivateFile(path)).reveal()));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    // What a parser says of it may repeat a part of it.
    throw new CommandError(exitStatus.DATA, `The journal ${path} is damaged: see the guide for what to do.`);
  }
}

/** Writes it, so that it outlives a power cut. Gives it back. */
export async function writeJournal(folders: Folders, name: string, journal: Journal): Promise<Journal> {
  await makeFolder(join(folders.state, 'journals'));
  await writeFileAtomically(journalFile(folders, name), `${JSON.stringify(journal)}\n`);
  return journal;
}

/** The renewal is over. */
export async function removeJournal(folders: Folders, name: string): Promise<void> {
  await removeFile(journalFile(folders, name));
}

/** The file of a journal. */
export function journalFile({ state }: Folders, name: string): string {
  return join(state, 'journals', `${name}.json`);
}
