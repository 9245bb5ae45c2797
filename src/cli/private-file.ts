import { open } from 'node:fs/promises';
import { Sensitive } from '../domain/sensitive.ts';
import { CommandError, exitStatus } from './exit-status.ts';

/** The most of a file that is read for a secret, a token or a journal. */
const SIZE_MAX = 1024 * 1024;

/** What others than a file's owner must not do with it. */
const forbiddenModes = { SECRET: 0o077, CONFIGURATION: 0o022 } as const;

/**
 * Reads a file that holds a secret. One that others than its owner may read or write is refused, and so is one of another
 * user's: what is in it may be known already, or not be what its owner wrote.
 *
 * @throws CommandError NO_INPUT where there is none, NO_PERMISSION where it is open to others or cannot be read.
 */
export async function readPrivateFile(path: string): Promise<Sensitive<string>> {
  return new Sensitive(await readChecked(path, 'SECRET'));
}

/** Reads a file that says which commands are run: others may read it, and not write it. Throws as `readPrivate`. */
export function readConfigurationFile(path: string): Promise<string> {
  return readChecked(path, 'CONFIGURATION');
}

/** A secret or token as files hold it: the line end that editors put after it is not part of it. */
export async function readPrivateLine(path: string): Promise<Sensitive<string>> {
  const text = (await readPrivateFile(path)).reveal().replace(/\r?\n$/, '');
  if (text === '') throw new CommandError(exitStatus.DATA, `The file ${path} is empty.`);
  return new Sensitive(text);
}

async function readChecked(path: string, what: keyof typeof forbiddenModes): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    const { code = 'unknown error' } = error;
    if (code === 'ENOENT') throw new CommandError(exitStatus.NO_INPUT, `There is no file ${path}.`, error);
    throw new CommandError(exitStatus.NO_PERMISSION, `The file ${path} cannot be read (${code}).`, error);
  });
  try {
    // Of the open file, so that it is the one that is read.
    const { mode, uid, size } = await file.stat();
    const own = process.getuid?.();
    if (own !== undefined && uid !== own && uid !== 0) {
      throw new CommandError(exitStatus.NO_PERMISSION, `The file ${path} is another user's: it is not read.`);
    }
    if (own !== undefined && (mode & forbiddenModes[what]) !== 0) {
      const found = `The file ${path} is open to others (mode ${(mode & 0o777).toString(8)})`;
      throw new CommandError(exitStatus.NO_PERMISSION, `${found}: run chmod go-rwx on it, and mind what was in it.`);
    }
    if (size > SIZE_MAX) throw new CommandError(exitStatus.DATA, `The file ${path} is larger than 1 MB.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
