import {
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';
import { SEALING_KEY_SIZE } from './sealing.ts';

/** Its name in the data folder. */
export const SEALING_KEY_FILE = 'sealing-key';

/** A sealing key file that must not be used; the message says what to do. */
export class SealingKeyError extends Error {
  override readonly name = 'SealingKeyError';
}

/**
 * The sealing key kept in the data folder, 32 bytes, made when there is none. The file is readable by its owner alone and
 * appears whole: of several that start at once, all come back with the key of the one that was first.
 *
 * Throws a SealingKeyError when others may read the file, or when it holds no key.
 */
export function loadSealingKey(dataDir: string, random: Random): Uint8Array {
  const path = join(dataDir, SEALING_KEY_FILE);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    return readSealingKey(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  writeSealingKey(path, random);
  return readSealingKey(path);
}

function readSealingKey(path: string): Uint8Array {
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8);
    throw new SealingKeyError(`Others may read the sealing key ${path} (mode ${found}). Run: chmod 600 '${path}'`);
  }
  const text = readFileSync(path, 'utf8').trim();
  const key = new Uint8Array(Buffer.from(text, 'base64'));
  if (key.length !== SEALING_KEY_SIZE || Buffer.from(key).toString('base64') !== text) {
    throw new SealingKeyError(
      `The sealing key ${path} holds ${text.length} characters that are no ${SEALING_KEY_SIZE} bytes in base64. ` +
        'Put the key back from where you keep a copy; without it nothing that was sealed opens.',
    );
  }
  return key;
}

/** Writes beside, then links into place: a link fails where a file is, so that a key is never replaced. */
function writeSealingKey(path: string, random: Random): void {
  const beside = `${path}.${Buffer.from(random(8)).toString('hex')}`;
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(random(SEALING_KEY_SIZE)).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(beside, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    closeSync(file);
    unlinkSync(beside);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
