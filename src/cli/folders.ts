import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CommandError, exitStatus } from './exit-status.ts';

/** The command's folders (XDG Base Directory Specification 0.8). */
export interface Folders {
  /** Configuration that users read and edit. Holds no secrets. */
  readonly config: string;
  /** State that must outlive a run: secrets, journals, last known states, history. */
  readonly state: string;
  /** Files that may be deleted at any time. */
  readonly cache: string;
}

/**
 * Resolves the folders from environment variables without creating them. Relative paths are ignored, as the
 * specification requires.
 *
 * @throws CommandError CONFIG: no variable is set, and the user has no home folder.
 */
export function resolveFolders(env: NodeJS.ProcessEnv): Folders {
  const resolveBase = (name: string, ...fallback: string[]) => {
    const value = env[name] ?? '';
    return join(isAbsolute(value) ? value : join(findHome(env), ...fallback), 'keytide');
  };
  return {
    config: resolveBase('XDG_CONFIG_HOME', '.config'),
    state: resolveBase('XDG_STATE_HOME', '.local', 'state'),
    cache: resolveBase('XDG_CACHE_HOME', '.cache'),
  };
}

/** The user may have no entry in the system's list of users, as in a container that runs as any user id. */
function findHome(env: NodeJS.ProcessEnv): string {
  try {
    return env['HOME'] || homedir();
  } catch (error) {
    const problem = 'HOME: found nothing, and this user has no home folder; expected the path of a folder.';
    throw new CommandError(exitStatus.CONFIG, problem, error);
  }
}

/** Creates a folder and its missing parents with mode 0700. @throws CommandError CANNOT_CREATE. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.CANNOT_CREATE, `Cannot create the folder ${folder} (${code}).`, error);
  }
}
