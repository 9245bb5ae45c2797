import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveOwnFile } from '../resolve-own-file.ts';
import { faultOf, type Fault } from './fault.ts';
import type { NumberedReply, ChildRequest } from './messages.ts';
import { watchLimit, type ProcessLimit } from './watch-limit.ts';

/** The process's reply, unchecked, or why the process ended. */
type ChildOutcome = { readonly value: unknown } | { readonly ended: Fault };

/** What came of a request, and the processor time that the process used for it. */
export type ChildReply = ChildOutcome & { readonly usedMs: number };

/** The process that runs modules. It handles one request at a time. */
export interface Child {
  /** Never rejects. A process that exceeds the limit, or ends, is gone for good; the reply says why. */
  request(request: ChildRequest, limit: ProcessLimit): Promise<ChildReply>;
  isAlive(): boolean;
  /** Ends the process. Resolves when it has exited. */
  stop(): Promise<void>;
}

const HEAP_MAX_MIB = 64;
/**
 * The size of each half of the young generation. V8 would choose 1 MiB because the heap is limited: the facts of a few hundred keys
 * would leave it at once, and most of the time of the process would be the collection of the old generation.
 */
const SEMI_SPACE_MAX_MIB = 8;
const START_LIMIT: ProcessLimit = { busyMs: 1_500, elapsedMs: 2_000 };

/** The files of this package that the process may read: its own program, the contract, and what the contract imports. */
const programFiles = [
  './child/*',
  '../contract.ts',
  '../resolve-own-file.ts',
  '../../domain/cadence.ts',
  '../../domain/duration.ts',
  '../../domain/quote.ts',
  '../../domain/spread.ts',
  '../../../package.json',
].map((path) => fileURLToPath(resolveOwnFile(path, import.meta.url)));

const program = fileURLToPath(resolveOwnFile('./child/main.ts', import.meta.url));
const zodFolder = dirname(createRequire(import.meta.url).resolve('zod/package.json'));

/** Starts the process for the modules in a folder. Returns a fault if it is not ready in time; never rejects. */
export async function startChild(modules: string): Promise<Child | Fault> {
  try {
    const child = openConversation(forkChild(await realpath(modules)));
    const first = await child.ready;
    return 'value' in first ? child : faultOf('CRASHES', `The policy process did not start. ${first.ended.message}`);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return faultOf('CRASHES', `The policy process did not start (${code}).`);
  }
}

function forkChild(modules: string): ChildProcess {
  const readable = [...programFiles, `${zodFolder}/*`, `${modules}/*`];
  return fork(program, [`${pathToFileURL(modules).href}/`], {
    execArgv: [
      '--permission',
      ...readable.map((path) => `--allow-fs-read=${path}`),
      `--max-old-space-size=${HEAP_MAX_MIB}`,
      `--max-semi-space-size=${SEMI_SPACE_MAX_MIB}`,
      '--disallow-code-generation-from-strings',
    ],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}

/** Sends requests and receives replies over Node's IPC channel, one at a time. The first reply comes without a request, when the process is ready. */
function openConversation(running: ChildProcess): Child & { readonly ready: Promise<ChildReply> } {
  let ended: Fault | null = null;
  let lastId = -1;
  let waiting: { readonly id: number; readonly settle: (reply: ChildOutcome) => void } | null = null;

  const end = (kind: Fault['kind'], message: string) => {
    ended ??= faultOf(kind, message);
    running.kill('SIGKILL');
    waiting?.settle({ ended });
  };

  const expect = (limit: ProcessLimit): Promise<ChildReply> =>
    new Promise((resolve) => {
      lastId += 1;
      const stopWatching = running.pid === undefined ? () => 0 : watchLimit(running.pid, limit, end);
      const settle = (outcome: ChildOutcome) => {
        waiting = null;
        resolve({ ...outcome, usedMs: stopWatching() });
      };
      waiting = { id: lastId, settle };
    });

  running.on('error', () => end('CRASHES', 'The policy process cannot be reached.'));
  running.on('exit', (status, signal) => {
    const how = signal === 'SIGABRT' ? 'out of memory' : (signal ?? `status ${status}`);
    end('CRASHES', `The policy process ended (${how}).`);
  });
  running.on('message', (message) => {
    const { id, text } = message as NumberedReply;
    try {
      if (waiting?.id === id) waiting.settle({ value: JSON.parse(text) });
    } catch {
      end('CRASHES', 'The policy process sent a malformed reply.');
    }
  });

  return {
    ready: expect(START_LIMIT),
    isAlive: () => ended === null,
    request(request, limit) {
      if (ended !== null) return Promise.resolve({ ended, usedMs: 0 });
      const reply = expect(limit);
      running.send({ ...request, id: lastId }, (error) => {
        if (error !== null) end('CRASHES', 'The policy process cannot be reached.');
      });
      return reply;
    },
    async stop() {
      end('CRASHES', 'The policy process was stopped.');
      const isGone = running.pid === undefined || running.exitCode !== null || running.signalCode !== null;
      if (!isGone) await once(running, 'exit');
    },
  };
}
