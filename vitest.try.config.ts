import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: { include: ['test/**/*.test.ts'], globalSetup: ['test/support/cluster.ts'], pool: 'forks', testTimeout: 30_000, hookTimeout: 30_000 },
});
