import { globSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { placeOperations } from './place-operations.ts';
import { precompress } from './precompress.ts';

/** For older browsers light-dark() would be written by a color-scheme of the same sheet: that of the element is its page’s. */
const browsersWithLightDark = ['chrome123', 'firefox120', 'safari17.5'];

/**
 * Builds the element for pages of other sites, after the console: one script in `portal/` that loads nothing else, so that a
 * page names one address.
 */
export function buildElement(folder: string): Plugin {
  return {
    name: 'build-element',
    buildStart() {
      for (const file of globSync('my-keys/**', { cwd: folder })) this.addWatchFile(join(folder, file));
    },
    async writeBundle({ dir = '' }) {
      await build({
        configFile: false,
        root: folder,
        logLevel: 'warn',
        define: { 'process.env.NODE_ENV': '"production"' },
        plugins: [placeOperations(folder), omitParser(folder), precompress('.')],
        build: {
          outDir: join(dir, 'portal'),
          emptyOutDir: true,
          reportCompressedSize: false,
          rolldownOptions: { checks: { pluginTimings: false } },
          target: 'es2023',
          cssTarget: browsersWithLightDark,
          lib: {
            entry: join(folder, 'my-keys/keytide-keys.tsx'),
            formats: ['iife'],
            name: 'KeytideKeys',
            fileName: () => 'keytide-keys.js',
          },
        },
      });
    },
  };
}

/** Gives the client of the element documents as text instead of the parser and printer that it imports. */
function omitParser(folder: string): Plugin {
  const ours = join(folder, 'my-keys/documents-as-text.ts');
  return {
    name: 'omit-parser',
    enforce: 'pre',
    resolveId: (source, importer) => (source === '@0no-co/graphql.web' && importer !== ours ? ours : null),
  };
}
