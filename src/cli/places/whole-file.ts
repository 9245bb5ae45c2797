import type { FileFormat } from './file-format.ts';

/** A file that holds the secret and nothing else, as `*_FILE` settings and mounted secrets are read. */
export const wholeFileFormat: FileFormat<object> = {
  write: (_text, secret) => `${secret}\n`,
  read: (text) => text.replace(/\r?\n$/, ''),
};
