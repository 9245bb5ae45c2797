import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Writes a .br and a .gz beside each file of a folder of the build, so that the gateway compresses nothing. After the bundle was written: before, Vite
 * still replaces names of chunks in it.
 */
export function precompress(folder: string): Plugin {
  return {
    name: 'precompress',
    writeBundle({ dir = '' }) {
      const files = join(dir, folder);
      for (const name of readdirSync(files)) {
        const content = readFileSync(join(files, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        writeFileSync(join(files, `${name}.br`), brotliCompressSync(content, { params }));
        writeFileSync(join(files, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}
