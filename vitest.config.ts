import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const filesOf = (pattern: string) => globSync(pattern, { cwd: import.meta.dirname });

/** `npm test`: what a contributor waits for. Everything else is in `npm run test:slow`. */
const fastFolders =
  'accounts,bindings,domain,graphql,http,keys,language,laws,log,logging,realms,retention,settings,structure,upgrade,webhooks';

/** Tests that measure the memory of their process, or replace a part of it. All others share processes, which saves their start. */
const isolated = new Set(filesOf('test/{accounts/passwords,keys/leaks,security/timing}.test.ts'));

/** Tests of the fast folders that take long: they start processes, crash them, overload them, or go through every operation. */
const slowFiles = new Set(
  [
    'accounts/passwords',
    'bindings/{concurrency,preview,rehearsal,renew-and-resume,shortening}',
    'graphql/{argument-visibility,bad-input,errors-faults,event-detail,expiring,field-visibility}',
    'graphql/{broadcast,graphiql,json-posts,limits,limits-random,lists,open-counts,slow-readers,snapshot}',
    'graphql/{portal-sessions,portal-visibility,sockets,sse,sse-resume,subject-visibility,verify-outcomes}',
    'http/{auth-route,hostile-input,read-request,devices/*}',
    'keys/{child-key,clock,leaks,notices,possible-actions,review-loop,undo-rotation,use-recorder}',
    'keys/table/{flood,invariants,planted-bugs}',
    'laws/{never-lost,planted-rollout-bugs,rollouts}',
    'log/{maintain-log,untold-changes}',
    'retention/*',
    'upgrade/{command,database,two-releases,under-load}',
    'webhooks/delivery/*',
  ].flatMap((pattern) => filesOf(`test/${pattern}.test.ts`)),
);

/** Tests in which modules loop. They run alone, after all others: on a busy machine a slow process looks like a loop. */
const looping = new Set(
  filesOf('test/{bindings/{bindings,broken,looping},policies/runtime/*,policies/under-load}.test.ts'),
);

/** Tests of the console in a browser, which starts only with one of them in the run. */
const browsing = new Set(filesOf('test/{console/**/*,clients/browser,journeys/customers}.test.ts'));

const all = filesOf('test/**/*.test.ts').filter((path) => !looping.has(path) && !browsing.has(path));
const fast = new Set(filesOf(`test/{${fastFolders}}/**/*.test.ts`));

const isFast = (path: string) => fast.has(path) && !slowFiles.has(path);

const slow = all.filter((path) => !isFast(path) && !isolated.has(path));

/** Each file leaves some 40 MB in its process: the first half of the slow files ends before new processes take the second. */
const isEarly = (path: string) => path < 'test/h';

const project = (
  name: string,
  include: string[],
  options: { maxWorkers?: number; sequence?: { groupOrder: number } } = {},
) => ({
  extends: true as const,
  test: { name, include, isolate: false, ...options },
});

export default defineConfig({
  // Vite would resolve `graphql` to its development build for our own modules, while packages take the build that Node
  // chooses: two copies, whose errors and types do not know each other.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) },
      {
        find: /^@prisma\/client\/runtime\/query_compiler_fast_bg\.postgresql\.mjs$/,
        replacement: fileURLToPath(new URL('test/support/shared-query-compiler.mjs', import.meta.url)),
      },
    ],
  },
  test: {
    globalSetup: ['test/support/cluster.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    pool: 'forks',
    // Most of a test's time is waiting: for a database, a socket, a process.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      project('fast', all.filter(isFast)),
      project('slow-1', slow.filter(isEarly)),
      project(
        'slow-2',
        slow.filter((path) => !isEarly(path)),
        { sequence: { groupOrder: 1 } },
      ),
      {
        extends: true,
        test: {
          name: 'slow-console',
          include: [...browsing],
          isolate: false,
          globalSetup: ['test/support/chromium.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'slow-isolated', include: [...isolated], sequence: { groupOrder: 1 } } },
      project('slow-alone', [...looping], { maxWorkers: 1, sequence: { groupOrder: 2 } }),
    ],
  },
});
