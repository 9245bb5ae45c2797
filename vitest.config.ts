import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What measures the memory of its process, or chooses what of it is replaced. */
const alone = new Set(['test/accounts/passwords.test.ts', 'test/keys/leaks.test.ts']);

/** Tests that change nothing of their process: files of theirs follow each other in one, which has all that it needs by then. */
const together = globSync('test/{accounts,delivery,domain,http,issuers,keys,laws,log,realms,webhooks}/**/*.test.ts', {
  cwd: import.meta.dirname,
}).filter((path) => !alone.has(path));

export default defineConfig({
  // Vite would take graphql's development build for our own modules, and packages would go on with the other: two copies,
  // whose errors and types do not know each other. As in production, all have the one that Node chooses.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    globalSetup: ['test/support/cluster.ts'],
    pool: 'forks',
    // Most of a test waits: for a database, a socket, a process.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'together', include: together, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: together } },
    ],
  },
});
