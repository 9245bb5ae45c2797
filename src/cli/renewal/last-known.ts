import { join } from 'node:path';
import { z } from 'zod';
import type { OwnKey } from '../../client/own-key.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, removeFile, writeFileAtomically } from '../places/atomic-file.ts';

const lastKnownSchema = z.object({
  keyId: z.string(),
  /** By this machine's clock. */
  askedAt: z.iso.datetime(),
  stopsAt: z.string().nullable(),
  stopsBasis: z.enum(['HARD', 'BY_USE']).nullable(),
  suggestedAt: z.string().nullable(),
});

/** What a gateway last said of a key, for when it is away. */
export type LastKnown = Readonly<z.output<typeof lastKnownSchema>>;

/** What was last known of a key; null: nothing. What cannot be read counts as nothing: it is asked for again. */
export async function readLastKnown(folders: Folders, name: string): Promise<LastKnown | null> {
  try {
    const text = await readTextFile(lastKnownFile(folders, name));
    return text === null ? null : lastKnownSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Remembers what a gateway has just said. */
export async function writeLastKnown(folders: Folders, name: string, own: OwnKey, now: Date): Promise<void> {
  const { id: keyId, stopsAt, stopsBasis, renewalInfo } = own;
  const known: LastKnown = {
    keyId,
    askedAt: now.toISOString(),
    stopsAt,
    stopsBasis,
    suggestedAt: renewalInfo.suggestedAt,
  };
  await makeFolder(join(folders.state, 'known'));
  await writeFileAtomically(lastKnownFile(folders, name), `${JSON.stringify(known)}\n`);
}

/** Forgets a key. */
export async function removeLastKnown(folders: Folders, name: string): Promise<void> {
  await removeFile(lastKnownFile(folders, name));
}

function lastKnownFile({ state }: Folders, name: string): string {
  return join(state, 'known', `${name}.json`);
}
