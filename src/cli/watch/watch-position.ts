import { join } from 'node:path';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { lockFile, type Lock } from '../lock-file.ts';
import { isLocalName, LOCAL_NAME_RULE } from '../local-name.ts';
import { readTextFile, writeFileAtomically } from '../places/atomic-file.ts';

/** Where a watch has come to: its gateway, and the cursor of the last event that was taken. */
export interface WatchPosition {
  readonly url: string;
  readonly cursor: string;
}

/** The place of a watch; null: it has none yet. @throws CommandError USAGE for what cannot be a name, DATA for another's file. */
export async function readWatchPosition(folders: Folders, name: string): Promise<WatchPosition | null> {
  const path = watchFile(folders, name);
  const text = await readTextFile(path);
  if (text === null) return null;
  try {
    const { url, cursor } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url === 'string' && typeof cursor === 'string') return { url, cursor };
  } catch {
    // What is no JSON is told like what is something else.
  }
  throw new CommandError(exitStatus.DATA, `${path} is no place of a watch: take it away, or give another --resume.`);
}

/** Keeps a place. */
export async function writeWatchPosition(folders: Folders, name: string, place: WatchPosition): Promise<void> {
  await makeFolder(join(folders.state, 'cursors'));
  await writeFileAtomically(watchFile(folders, name), `${JSON.stringify(place)}\n`);
}

/**
 * Keeps every other watch of that name out until it is released: two would write over each other's place.
 *
 * @throws CommandError TEMPORARY when another one is at work, USAGE for what cannot be a name.
 */
export async function lockWatch(folders: Folders, name: string): Promise<Lock> {
  const path = watchFile(folders, name, 'lock');
  await makeFolder(join(folders.state, 'cursors'));
  return lockFile(path, `Another watch ${name} is at work (it holds ${path}): give this one another --resume.`);
}

function watchFile({ state }: Folders, name: string, kind: 'json' | 'lock' = 'json'): string {
  if (isLocalName(name)) return join(state, 'cursors', `${name}.${kind}`);
  throw new CommandError(
    exitStatus.USAGE,
    `--resume: ${JSON.stringify(name)} cannot be the name of a watch: ${LOCAL_NAME_RULE} can.`,
  );
}
