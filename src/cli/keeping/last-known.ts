import { join } from 'node:path';
import { z } from 'zod';
import type { OwnKey } from '../../client/own-key.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readText, removeFile, replaceFile } from '../places/replace-file.ts';

const lastKnown = z.object({
  keyId: z.string(),
  /** By this machine's clock. */
  askedAt: z.iso.datetime(),
  stopsAt: z.string().nullable(),
  stopsBasis: z.enum(['HARD', 'BY_USE']).nullable(),
  suggestedAt: z.string().nullable(),
});

/** What a gateway last said of a key, for when it is away. */
export type LastKnown = Readonly<z.output<typeof lastKnown>>;

/** What was last known of a key; null: nothing. What cannot be read counts as nothing: it is asked for again. */
export async function readLastKnown(folders: Folders, name: string): Promise<LastKnown | null> {
  try {
    const text = await readText(fileOf(folders, name));
    return text === null ? null : lastKnown.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Remembers what a gateway has just said. */
export async function remember(folders: Folders, name: string, own: OwnKey, now: Date): Promise<void> {
  const { id: keyId, stopsAt, stopsBasis, renewalInfo } = own;
  const known: LastKnown = {
    keyId,
    askedAt: now.toISOString(),
    stopsAt,
    stopsBasis,
    suggestedAt: renewalInfo.suggestedAt,
  };
  await makeFolder(join(folders.state, 'known'));
  await replaceFile(fileOf(folders, name), `${JSON.stringify(known)}\n`);
}

/** Forgets a key. */
export async function forget(folders: Folders, name: string): Promise<void> {
  await removeFile(fileOf(folders, name));
}

function fileOf({ state }: Folders, name: string): string {
  return join(state, 'known', `${name}.json`);
}
