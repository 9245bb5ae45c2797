import { build } from 'vite';

/** Returns the script of the pages with all that it imports, as one module for browsers. */
export async function bundleScript(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2023',
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: entry },
    },
  });
  if (!('output' in built)) throw new Error('The build of the script gave no output.');
  const [chunk] = built.output;
  return chunk.code;
}
