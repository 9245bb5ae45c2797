/** The worker thread that strips the types from modules. It receives folders, one at a time, and replies to each with a `StrippedModule`. */
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, sep } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { describeThrown } from './child/describe-thrown.ts';
import type { StrippedModule } from './strip-types.ts';

// Node's experimental warnings do not concern the operator of a gateway.
process.removeAllListeners('warning');
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.on('message', (folder: string) => parentPort?.postMessage(strip(folder)));

function strip(folder: string): StrippedModule {
  try {
    const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => path.endsWith('.ts'));
    const scripts = paths.map((path) => [
      path.replaceAll(sep, '/'),
      stripTypeScriptTypes(readFileSync(join(folder, path), 'utf8')),
    ]);
    return { scripts: Object.fromEntries(scripts) as Record<string, string> };
  } catch (thrown) {
    return { problem: describeThrown(thrown) };
  }
}
