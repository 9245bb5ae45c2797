import { open } from 'node:fs/promises';
import { Sensitive } from '../domain/sensitive.ts';
import { CommandError, exitStatus } from './exit-status.ts';

/** Size limit for files with a secret, a token or a journal, in bytes. */
const SIZE_MAX = 1024 * 1024;

/** Permission bits that a file must not grant to other users. */
const forbiddenModes = { SECRET: 0o077, CONFIGURATION: 0o022 } as const;

/**
 * Reads a file that holds a secret. Refuses a file that other users can read or write, or that another user (except
 * root) owns: other users may know the secret, or may have replaced it.
 *
 * @throws CommandError NO_INPUT if the file does not exist, NO_PERMISSION if other users have access or it cannot be
 *   read, DATA if it is larger than 1 MB.
 */
export async function readPrivateFile(path: string): Promise<Sensitive<string>> {
  return new Sensitive(await readChecked(path, 'SECRET'));
}

/**
 * Reads a file that says which commands are run: other users may read it but not write it. Throws as `readPrivateFile`.
 */
export function readConfigurationFile(path: string): Promise<string> {
  return readChecked(path, 'CONFIGURATION');
}

/**
 * Reads a secret or token from a file, without the white space around it, such as the line end that editors append.
 *
 * @throws CommandError DATA if the file is empty, else as `readPrivateFile`.
 */
export async function readPrivateLine(path: string): Promise<Sensitive<string>> {
  const text = (await readPrivateFile(path)).reveal().trim();
  if (text === '') throw new CommandError(exitStatus.DATA, `The file ${path} is empty.`);
  return new Sensitive(text);
}

async function readChecked(path: string, purpose: keyof typeof forbiddenModes): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    const { code = 'unknown error' } = error;
    if (code === 'ENOENT') throw new CommandError(exitStatus.NO_INPUT, `The file ${path} does not exist.`, error);
    throw new CommandError(exitStatus.NO_PERMISSION, `Cannot read the file ${path} (${code}).`, error);
  });
  try {
    // Check the open file, not its path, so that the checked file is the one that is read.
    const { mode, uid, size } = await file.stat();
    const ownUid = process.getuid?.();
    if (ownUid !== undefined && uid !== ownUid && uid !== 0) {
      throw new CommandError(
        exitStatus.NO_PERMISSION,
        `The file ${path} belongs to another user: found uid ${uid}; expected ${ownUid}.`,
      );
    }
    if (ownUid !== undefined && (mode & forbiddenModes[purpose]) !== 0) {
      const found = `Other users have access to the file ${path} (mode ${(mode & 0o777).toString(8)})`;
      throw new CommandError(
        exitStatus.NO_PERMISSION,
        `${found}: run chmod go-rwx on it, and check its content, which others may have read or changed.`,
      );
    }
    if (size > SIZE_MAX) throw new CommandError(exitStatus.DATA, `The file ${path} is larger than 1 MB.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
