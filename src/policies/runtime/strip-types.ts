import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { resolveOwnFile } from '../resolve-own-file.ts';

/** The TypeScript files of a module as JavaScript, by path, or why they could not be converted. */
export type StrippedModule = { readonly scripts: Readonly<Record<string, string>> } | { readonly problem: string };

/** Strips the types from modules in a worker thread, so that even a very long module does not block the gateway. */
export interface TypeStripper {
  /** Never rejects. Must not be called again before the previous call has ended. */
  strip(folder: string): Promise<StrippedModule>;
  stop(): Promise<void>;
}

const LIMIT_MS = 5_000;

/** Creates a type stripper. It cannot run in the policy process, where Node's stripper lacks the globals that it needs. */
export function createTypeStripper(): TypeStripper {
  let thread: Worker | null = null;

  const end = async () => {
    const running = thread;
    thread = null;
    await running?.terminate();
  };

  return {
    async strip(folder) {
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
    },
    stop: end,
  };
}

/** Rejects when the thread ends. */
async function rejectOnExit(running: Worker, signal: AbortSignal): Promise<never> {
  await once(running, 'exit', { signal });
  throw new Error('the thread that strips its types ended');
}
