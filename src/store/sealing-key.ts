import {
  existsSync,
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

/** Name of the file in the data folder. */
export const SEALING_KEY_FILE = 'sealing-key';

/** A sealing key file that must not be used; the message says what to do. */
export class SealingKeyError extends Error {
  override readonly name = 'SealingKeyError';
}

/** Returns whether the data folder has a sealing key. */
export function hasSealingKey(dataDir: string): boolean {
  return existsSync(join(dataDir, SEALING_KEY_FILE));
}

/**
 * Reads the sealing key (32 bytes) from the data folder, or creates it. Only the file's owner can read it.
 * Creation is atomic: if several processes start at once, all return the key of the first.
 *
 * Throws a SealingKeyError if others may read the file, or if it does not hold a key.
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

/** Returns the error for a data folder that has lost its sealing key. */
export function missingSealingKey(dataDir: string): SealingKeyError {
  return new SealingKeyError(
    `Sealing key ${join(dataDir, SEALING_KEY_FILE)}: the file is missing, and the database holds what was sealed under it. ` +
      'Restore the file from your copy; if the key is lost, run: keytide reseal',
  );
}

function readSealingKey(path: string): Uint8Array {
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) {
    const found = (mode & 0o777).toString(8);
    throw new SealingKeyError(
      `Sealing key ${path}: found mode ${found}; expected no permissions for group and others. Run: chmod 600 '${path}'`,
    );
  }
  const text = readFileSync(path, 'utf8').trim();
  const key = new Uint8Array(Buffer.from(text, 'base64'));
  if (key.length !== SEALING_KEY_SIZE || Buffer.from(key).toString('base64') !== text) {
    throw new SealingKeyError(
      `Sealing key ${path}: found ${text.length} characters; expected ${SEALING_KEY_SIZE} bytes in base64. ` +
        'Restore the key from your copy; without it nothing that was sealed can be read.',
    );
  }
  return key;
}

/** Writes a temporary file and links it into place: a link fails if the file exists, so a key is never replaced. */
function writeSealingKey(path: string, random: Random): void {
  const temporaryPath = `${path}.${Buffer.from(random(8)).toString('hex')}`;
  const file = openSync(temporaryPath, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(random(SEALING_KEY_SIZE)).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(temporaryPath, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    closeSync(file);
    unlinkSync(temporaryPath);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
