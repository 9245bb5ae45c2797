import { z } from 'zod';
import { createFileDeployer, fileSetting } from './deploy-to-file.ts';
import type { FileFormat } from './file-format.ts';

/** A file that holds the secret and nothing else, for `*_FILE` settings and mounted secrets. */
export const wholeFileFormat: FileFormat<object> = {
  write: (_text, secret) => `${secret}\n`,
  read: (text) => text.replace(/\r?\n$/, ''),
};

const settings = z.strictObject({ to: z.literal('file'), file: fileSetting });

export const wholeFileDeployer = createFileDeployer(settings, wholeFileFormat, () => '');
