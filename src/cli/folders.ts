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
 */
export function resolveFolders(env: NodeJS.ProcessEnv): Folders {
  const home = env['HOME'] || homedir();
  const resolveBase = (name: string, ...fallback: string[]) => {
    const value = env[name] ?? '';
    return join(isAbsolute(value) ? value : join(home, ...fallback), 'keytide');
  };
  return {
    config: resolveBase('XDG_CONFIG_HOME', '.config'),
    state: resolveBase('XDG_STATE_HOME', '.local', 'state'),
    cache: resolveBase('XDG_CACHE_HOME', '.cache'),
  };
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
