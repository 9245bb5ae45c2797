import { join } from 'node:path';
import { z } from 'zod';
import type { OwnKey } from '../../client/own-key.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { readTextFile, removeFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';

const lastKnownSchema = z.object({
  keyId: z.string(),
  /** When the gateway was asked, by this machine's clock. */
  askedAt: z.iso.datetime(),
  stopsAt: z.string().nullable(),
  stopsBasis: z.enum(['HARD', 'BY_USE']).nullable(),
  suggestedAt: z.string().nullable(),
  /** Announced changes that will stop the key. Missing: none, or an earlier release wrote the file. */
  warnings: z.array(z.object({ code: z.string(), message: z.string(), from: z.string() })).optional(),
});

/** The last state of a key that its gateway reported, used while the gateway is unavailable. */
export type LastKnown = Readonly<z.output<typeof lastKnownSchema>>;

/** Reads the last known state of a key; null: there is none, or the file is unreadable. */
export async function readLastKnown(folders: Folders, name: string): Promise<LastKnown | null> {
  try {
    const text = await readTextFile(lastKnownFile(folders, name));
    return text === null ? null : lastKnownSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Stores the state that the gateway has just reported. */
export async function writeLastKnown(folders: Folders, name: string, own: OwnKey, now: Date): Promise<void> {
  const { id: keyId, stopsAt, stopsBasis, renewalInfo, warnings } = own;
  const lastState: LastKnown = {
    keyId,
    askedAt: now.toISOString(),
    stopsAt,
    stopsBasis,
    suggestedAt: renewalInfo.suggestedAt,
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
  await makeFolder(join(folders.state, 'known'));
  await writeFileAtomically(lastKnownFile(folders, name), `${JSON.stringify(lastState)}\n`);
}

/** Removes the last known state of a key. */
export async function removeLastKnown(folders: Folders, name: string): Promise<void> {
  await removeFile(lastKnownFile(folders, name));
}

function lastKnownFile({ state }: Folders, name: string): string {
  return join(state, 'known', `${name}.json`);
}
