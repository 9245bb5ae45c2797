import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { startChild, type Child, type ChildReply } from './child-process.ts';
import { faultOf, type Fault } from './fault.ts';
import type { StoredVersion } from './version-store.ts';
import type { LoadReply, ChildRequest } from './messages.ts';
import { createTypeStripper, type StrippedModule } from './strip-types.ts';
import type { ProcessLimit } from './watch-limit.ts';

/** A process in which a module is loaded, and what the module says it is. */
export interface RunningModule {
  readonly reply: LoadReply;
  request(request: ChildRequest, limit: ProcessLimit): Promise<ChildReply>;
}

/** One process for modules, started when it is needed and again when it is gone. */
export interface ChildSupervisor {
  /** Has a module loaded; the fault is that of its loading, or that no process can be started. */
  load(version: StoredVersion): Promise<RunningModule | { readonly fault: Fault }>;
  stop(): Promise<void>;
}

/** A version that was loaded stays in memory for as long as its process lives. */
const LOADS_MAX = 300;

/** How many modules are remembered without their types: when a process has ended they are loaded again, and are in a hurry. */
const STRIPPED_MAX = 100;

const LOAD_LIMIT: ProcessLimit = { busyMs: 500, elapsedMs: 1_000 };

/** Keeps a process for the modules below a folder. */
export function superviseChild(modules: string): ChildSupervisor {
  let child: Promise<Child | Fault> | null = null;
  let replies = new Map<string, LoadReply>();
  let isStopped = false;
  const stripper = createTypeStripper();
  const stripped = new LRUCache<string, StrippedModule>({ max: STRIPPED_MAX });

  const renew = async () => {
    const before = await child;
    child = null;
    replies = new Map();
    if (before !== null && 'stop' in before) void before.stop();
    if (!isStopped) child = startChild(modules);
  };

  const present = async (hash: string): Promise<Child | Fault> => {
    const now = await child;
    const isUsable = now !== null && 'stop' in now && now.isAlive();
    if (!isUsable || (replies.size >= LOADS_MAX && !replies.has(hash))) await renew();
    return (await child) ?? faultOf('CRASHES', 'Modules are no longer asked: the gateway is stopping.');
  };

  const ask = async (running: Child, request: ChildRequest, limit: ProcessLimit): Promise<ChildReply> => {
    const reply = await running.request(request, limit);
    // The next one starts while others think about what to do now.
    if ('ended' in reply) await renew();
    return reply;
  };

  const loadIn = async (
    running: Child,
    { hash, entry }: StoredVersion,
  ): Promise<LoadReply | { readonly ended: Fault }> => {
    const text = stripped.get(hash) ?? (await stripper.strip(join(modules, hash)));
    if ('problem' in text) return { fault: { kind: 'THROWS', message: `It does not load: ${text.problem}` } };
    stripped.set(hash, text);
    const reply = await ask(running, { kind: 'LOAD', hash, entry, ...text }, LOAD_LIMIT);
    return 'ended' in reply ? reply : (reply.said as LoadReply);
  };

  return {
    async load({ hash, entry }) {
      for (;;) {
        const running = await present(hash);
        if (!('stop' in running)) return { fault: running };
        const isFirst = replies.size === 0;
        const known = replies.get(hash);
        const reply = known ?? (await loadIn(running, { hash, entry }));
        if (!('ended' in reply)) {
          replies.set(hash, reply);
          return { reply, request: (request, limit) => ask(running, request, limit) };
        }
        // In a process where others ran before, the fault may be theirs.
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
