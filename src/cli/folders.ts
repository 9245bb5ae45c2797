import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CommandError, exitStatus } from './exit-status.ts';

/** Where the command keeps things: XDG Base Directory Specification 0.8. */
export interface Folders {
  /** What a person reads and edits. No secret is in it. */
  readonly config: string;
  /** What is to outlive a run: secrets, journals, what was last known, history. */
  readonly state: string;
  /** What may be lost. */
  readonly cache: string;
}

/** The folders that an environment means; none is made. The specification has relative paths ignored. */
export function resolveFolders(env: NodeJS.ProcessEnv): Folders {
  const home = env['HOME'] || homedir();
  const base = (name: string, ...otherwise: string[]) => {
    const given = env[name] ?? '';
    return join(isAbsolute(given) ? given : join(home, ...otherwise), 'keytide');
  };
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    state: base('XDG_STATE_HOME', '.local', 'state'),
    cache: base('XDG_CACHE_HOME', '.cache'),
  };
}

/** Makes a folder for its owner alone, with all above it that are not there. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(exitStatus.CANNOT_CREATE, `The folder ${folder} cannot be made (${code}).`, error);
  }
}
