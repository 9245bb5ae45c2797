import { join } from 'node:path';
import { CommandError, exitStatus } from '../exit-status.ts';
import { makeFolder, type Folders } from '../folders.ts';
import { lockFile, type Lock } from '../lock-file.ts';
import { isLocalName, LOCAL_NAME_RULE } from '../local-name.ts';
import { readTextFile, writeFileAtomically } from '../deployers/files/atomic-file.ts';

/** The position of a watch: its gateway, and the cursor of the last delivered event. */
export interface WatchPosition {
  readonly url: string;
  readonly cursor: string;
}

/**
 * Reads the position of a watch; null: it has none yet. @throws CommandError USAGE if the name is invalid, DATA if the
 * file holds no position.
 */
export async function readWatchPosition(folders: Folders, name: string): Promise<WatchPosition | null> {
  const path = watchFile(folders, name);
  const text = await readTextFile(path);
  if (text === null) return null;
  try {
    const { url, cursor } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url === 'string' && typeof cursor === 'string') return { url, cursor };
  } catch {
    // Malformed JSON is reported like any other content that is not a position.
  }
  throw new CommandError(
    exitStatus.DATA,
    `${path} does not hold the position of a watch: delete it, or give another --resume.`,
  );
}

/** Stores the position of a watch. */
export async function writeWatchPosition(folders: Folders, name: string, position: WatchPosition): Promise<void> {
  await makeFolder(join(folders.state, 'cursors'));
  await writeFileAtomically(watchFile(folders, name), `${JSON.stringify(position)}\n`);
}

/**
 * Acquires the lock that allows one watch of a name at a time, because two would overwrite each other's position.
 *
 * @throws CommandError TEMPORARY if another watch holds it, USAGE if the name is invalid.
 */
export async function lockWatch(folders: Folders, name: string): Promise<Lock> {
  const path = watchFile(folders, name, 'lock');
  await makeFolder(join(folders.state, 'cursors'));
  return lockFile(path, `Another watch ${name} is running (it holds ${path}): give another --resume.`);
}

function watchFile({ state }: Folders, name: string, kind: 'json' | 'lock' = 'json'): string {
  if (isLocalName(name)) return join(state, 'cursors', `${name}.${kind}`);
  throw new CommandError(exitStatus.USAGE, `--resume: found ${JSON.stringify(name)}; expected ${LOCAL_NAME_RULE}.`);
}
