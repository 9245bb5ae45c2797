import { z } from 'zod';
import { CommandError, exitStatus } from '../../exit-status.ts';
import type { Deployer, DeployerKind } from '../deployer.ts';
import { isSameSecret } from '../is-same-secret.ts';
import { checkReplaceable, readTextFile, replaceFile } from './atomic-file.ts';
import type { FileFormat } from './file-format.ts';

/** The setting `file` of every kind of file. */
export const fileSetting = z.string().startsWith('/', 'an absolute path');

/** A setting that needs no quotes in these formats. */
export const wordSetting = z.string().regex(/^[^\s"'#\p{Cc}]+$/u, 'a word without spaces and quotes');

interface FileSettings {
  readonly to: string;
  readonly file: string;
}

/**
 * Creates the kind of place for a file format. The file is replaced as a whole, and everything else in it is preserved.
 * `nameEntry` returns the part of the place's name that tells apart several secrets in a file.
 */
export function createFileDeployer<Shape extends z.ZodType<FileSettings>>(
  settings: Shape,
  format: FileFormat<z.output<Shape>>,
  nameEntry: (settings: z.output<Shape>) => string,
): DeployerKind<Shape> {
  return { settings, open: (given) => openFilePlace(given, format, nameEntry(given)) };
}

function openFilePlace<Settings extends FileSettings>(
  settings: Settings,
  format: FileFormat<Settings>,
  nameEntry: string,
): Deployer {
  const { to, file } = settings;
  const writeText = async (secret: string) => {
    await checkReplaceable(file);
    const text = format.write(await readTextFile(file), secret, settings);
    // The program that reads the file must find the secret in it.
    if (format.read(text, settings) === secret) return text;
    throw new CommandError(
      exitStatus.DATA,
      `${file} was not changed: the program that reads it would not find the new secret. Check the syntax of the file.`,
    );
  };
  return {
    place: `${to} ${file}${nameEntry}`,
    async check() {
      await writeText('kt');
    },
    async put(secret) {
      await replaceFile(file, await writeText(secret.reveal()));
    },
    async holds(secret) {
      const text = await readTextFile(file);
      const found = text === null ? null : format.read(text, settings);
      return found !== null && isSameSecret(found, secret);
    },
  };
}
