import { join } from 'node:path';
import { makeFolder } from '../folders.ts';
import { lockFile, type Lock } from '../lock-file.ts';

/** Acquires the lock that allows one run at a time. @throws CommandError TEMPORARY if another run holds it. */
export async function lockRuns(stateFolder: string): Promise<Lock> {
  await makeFolder(stateFolder);
  const path = join(stateFolder, 'run.lock');
  return lockFile(path, `Another run is in progress (it holds ${path}). Nothing was changed.`);
}
