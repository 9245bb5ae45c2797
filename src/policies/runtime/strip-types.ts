import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { resolveOwnFile } from '../resolve-own-file.ts';

/** The TypeScript files of a module as JavaScript, by path, or why they could not be converted. */
export type StrippedModule = { readonly scripts: Readonly<Record<string, string>> } | { readonly problem: string };

/** Strips the types from modules in a worker thread, so that even a very long module does not block the gateway. */
export interface TypeStripper {
  /** Returns the module with a hash. Never rejects. */
  strip(hash: string): Promise<StrippedModule>;
  stop(): Promise<void>;
}

const LIMIT_MS = 5_000;

/** How many modules are cached with their types stripped, so that a new process can load them quickly. */
const CACHED_MAX = 100;

/** Creates a type stripper for the modules in a folder. It cannot run in the policy process, where Node's stripper lacks the globals that it needs. */
export function createTypeStripper(modules: string): TypeStripper {
  let thread: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const cached = new LRUCache<string, StrippedModule>({ max: CACHED_MAX });

  const end = async () => {
    const running = thread;
    thread = null;
    await running?.terminate();
  };

  const stripFolder = async (folder: string): Promise<StrippedModule> => {
    thread ??= new Worker(resolveOwnFile('./strip-thread.ts', import.meta.url), { env: {} });
    const running = thread;
    const over = new AbortController();
    running.ref();
    try {
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(LIMIT_MS)]);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      running.postMessage(folder);
      const [stripped] = (await Promise.race([
        once(running, 'message', { signal }),
        rejectOnExit(running, signal),
      ])) as [StrippedModule];
      return stripped;
    } catch (error) {
      await end();
      const isLate = (error as Error).name === 'AbortError';
      return { problem: isLate ? `its types could not be stripped within ${LIMIT_MS / 1_000} s` : String(error) };
    } finally {
      over.abort();
      running.unref();
    }
  };

  return {
    async strip(hash) {
      const known = cached.get(hash);
      if (known !== undefined) return known;
      // One at a time: the thread's replies do not say for which module they are.
      const mine = last.then(() => cached.get(hash) ?? stripFolder(join(modules, hash)));
      last = mine;
      const stripped = await mine;
      if (!('problem' in stripped)) cached.set(hash, stripped);
      return stripped;
    },
    stop: end,
  };
}

/** Rejects when the thread ends. */
async function rejectOnExit(running: Worker, signal: AbortSignal): Promise<never> {
  await once(running, 'exit', { signal });
  throw new Error('the thread that strips its types ended');
}
