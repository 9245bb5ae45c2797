import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { resolveOwnFile } from '../../resolve-own-file.ts';

/** The TypeScript of a module as JavaScript, by the paths of its files within it; or what keeps it from being that. */
export type StrippedModule = { readonly scripts: Readonly<Record<string, string>> } | { readonly problem: string };

/** Takes the types out of modules, in a thread: however long one is, and whatever stands in it, nobody else waits for it. */
export interface TypeStripper {
  /** Never rejects. One folder at a time. */
  strip(folder: string): Promise<StrippedModule>;
  stop(): Promise<void>;
}

const LIMIT_MS = 5_000;

/** What Node does this with cannot be used where modules run: it needs what is taken from them. */
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
        return { problem: isLate ? `its types were not taken out within ${LIMIT_MS / 1_000} s` : String(error) };
      } finally {
        over.abort();
        running.unref();
      }
    },
    stop: end,
  };
}

/** Rejects when the thread has ended. */
async function rejectOnExit(running: Worker, signal: AbortSignal): Promise<never> {
  await once(running, 'exit', { signal });
  throw new Error('the thread that takes out its types has ended');
}
