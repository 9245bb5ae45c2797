import { join } from 'node:path';
import { makeFolder } from '../folders.ts';
import { lockFile, type Lock } from '../lock-file.ts';

/** Keeps every other run out until it is released. @throws CommandError TEMPORARY when another run is at work. */
export async function lockRuns(stateFolder: string): Promise<Lock> {
  await makeFolder(stateFolder);
  const path = join(stateFolder, 'run.lock');
  return lockFile(path, `Another run is at work (it holds ${path}). Nothing was done.`);
}
