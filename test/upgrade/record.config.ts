import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const { projects: _projects, ...test } = base.test ?? {};

/** Runs `record.ts` alone. */
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { ...test, include: ['test/upgrade/record.ts'] },
});
