import { defineConfig } from 'vite';
import { buildElement } from './tools/build-element.ts';
import { placeOperations } from './tools/place-operations.ts';
import { precompress } from './tools/precompress.ts';

/** Builds the console into `built/`, from where the gateway serves it (src/http/console). */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  // The gateway puts a new nonce into each page that it sends.
  html: { cspNonce: '__NONCE__' },
  plugins: [placeOperations(import.meta.dirname), precompress('assets'), buildElement(import.meta.dirname)],
  build: {
    outDir: 'built',
    emptyOutDir: true,
    // No data: URLs, which the policy of the page does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
    target: 'es2023',
  },
});
