import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { startChild, type Child, type ChildReply } from './child-process.ts';
import { faultOf, type Fault } from './fault.ts';
import type { StoredVersion } from './version-store.ts';
import type { LoadReply, ChildRequest } from './messages.ts';
import { createTypeStripper, type StrippedModule } from './strip-types.ts';
import type { ProcessLimit } from './watch-limit.ts';

/** A process in which a module is loaded, and the module's description. */
export interface RunningModule {
  readonly reply: LoadReply;
  request(request: ChildRequest, limit: ProcessLimit): Promise<ChildReply>;
}

/** Supervises the policy process: starts it when it is needed, and again when it has ended. */
export interface ChildSupervisor {
  /** Loads a module, unless it is loaded. Returns a fault if it does not load or no process can be started. */
  load(version: StoredVersion): Promise<RunningModule | { readonly fault: Fault }>;
  stop(): Promise<void>;
}

/** The process is replaced after this many loads, because a loaded version stays in its memory. */
const LOADS_MAX = 300;

/** How many modules are cached with their types stripped, so that a new process can load them quickly. */
const STRIPPED_MAX = 100;

const LOAD_LIMIT: ProcessLimit = { busyMs: 500, elapsedMs: 1_000 };

/** Creates a supervisor of the process for the modules in a folder. */
export function superviseChild(modules: string): ChildSupervisor {
  let child: Promise<Child | Fault> | null = null;
  let replies = new Map<string, LoadReply>();
  let isStopped = false;
  const stripper = createTypeStripper();
  const stripped = new LRUCache<string, StrippedModule>({ max: STRIPPED_MAX });

  const replaceChild = async () => {
    const before = await child;
    child = null;
    replies = new Map();
    if (before !== null && 'stop' in before) void before.stop();
    if (!isStopped) child = startChild(modules);
  };

  const currentChild = async (hash: string): Promise<Child | Fault> => {
    const running = await child;
    const isUsable = running !== null && 'stop' in running && running.isAlive();
    if (!isUsable || (replies.size >= LOADS_MAX && !replies.has(hash))) await replaceChild();
    return (await child) ?? faultOf('CRASHES', 'The gateway is stopping: modules are no longer called.');
  };

  const send = async (running: Child, request: ChildRequest, limit: ProcessLimit): Promise<ChildReply> => {
    const reply = await running.request(request, limit);
    // Starts the next process without waiting until it is ready.
    if ('ended' in reply) await replaceChild();
    return reply;
  };

  const loadIn = async (
    running: Child,
    { hash, entry }: StoredVersion,
  ): Promise<LoadReply | { readonly ended: Fault }> => {
    const text = stripped.get(hash) ?? (await stripper.strip(join(modules, hash)));
    if ('problem' in text) return { fault: { kind: 'THROWS', message: `It does not load: ${text.problem}` } };
    stripped.set(hash, text);
    const reply = await send(running, { kind: 'LOAD', hash, entry, ...text }, LOAD_LIMIT);
    return 'ended' in reply ? reply : (reply.value as LoadReply);
  };

  return {
    async load({ hash, entry }) {
      for (;;) {
        const running = await currentChild(hash);
        if (!('stop' in running)) return { fault: running };
        const isFirst = replies.size === 0;
        const known = replies.get(hash);
        const reply = known ?? (await loadIn(running, { hash, entry }));
        if (!('ended' in reply)) {
          replies.set(hash, reply);
          return { reply, request: (request, limit) => send(running, request, limit) };
        }
        // In a process in which other modules ran before, the fault may be theirs: try a new one.
        if (isFirst) return { fault: faultOf(reply.ended.kind, `It does not load. ${reply.ended.message}`) };
      }
    },
    async stop() {
      isStopped = true;
      await stripper.stop();
      const last = await child;
      child = null;
      if (last !== null && 'stop' in last) await last.stop();
    },
  };
}
