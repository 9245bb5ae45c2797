import { startChild, type Child, type ChildReply } from './child-process.ts';
import { faultOf, type Fault } from './fault.ts';
import type { StoredVersion } from './version-store.ts';
import type { LoadReply, ChildRequest } from './messages.ts';
import type { StrippedModule } from './strip-types.ts';
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
  /** Whether the present process has loaded a module of a kind. */
  hasLoaded(isOfKind: (hash: string) => boolean): boolean;
  /** Replaces the process by a new one. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The process is replaced after this many loads, because a loaded version stays in its memory. */
const LOADS_MAX = 300;

/** How often the start of a process is tried. After that, evaluations fail with CRASHES. */
const STARTS_MAX = 3;

const LOAD_LIMIT: ProcessLimit = { busyMs: 500, elapsedMs: 1_000 };

const stopping = faultOf('CRASHES', 'The gateway is stopping: modules are no longer called.');

/**
 * Creates a supervisor of a process for the modules in a folder. `strip` returns a module without its types, by its hash.
 * `hasSpare`: once a process has ended, the next one is always started in advance, because more of them are expected to end.
 */
export function superviseChild(
  modules: string,
  strip: (hash: string) => Promise<StrippedModule>,
  { hasSpare = false }: { readonly hasSpare?: boolean } = {},
): ChildSupervisor {
  let child: Promise<Child | Fault> | null = null;
  let replies = new Map<string, LoadReply>();
  let spare: Promise<Child | Fault> | null = null;
  let isStopped = false;

  const replaceChild = async () => {
    const before = await child;
    child = null;
    replies = new Map();
    if (before !== null && 'stop' in before) void before.stop();
    if (isStopped) return;
    child = spare ?? startChild(modules);
    // Not at the same time: they would slow each other down.
    spare = hasSpare && before !== null ? child.then(() => (isStopped ? stopping : startChild(modules))) : null;
  };

  const currentChild = async (hash: string): Promise<Child | Fault> => {
    for (let starts = 0; starts < STARTS_MAX; starts += 1) {
      const running = await child;
      const isUsable = running !== null && 'stop' in running && running.isAlive();
      if (isUsable && (replies.size < LOADS_MAX || replies.has(hash))) return running;
      await replaceChild();
    }
    return (await child) ?? stopping;
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
    const text = await strip(hash);
    if ('problem' in text) return { fault: { kind: 'THROWS', message: `It does not load: ${text.problem}` } };
    const reply = await send(running, { kind: 'LOAD', hash, entry, ...text }, LOAD_LIMIT);
    return 'ended' in reply ? reply : (reply.value as LoadReply);
  };

  return {
    async load({ hash, entry }) {
      for (let crashes = 0; ;) {
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
        if (isFirst && reply.ended.kind === 'CRASHES') crashes += 1;
        if (isFirst && crashes !== 1)
          return { fault: faultOf(reply.ended.kind, `It does not load. ${reply.ended.message}`) };
      }
    },
    hasLoaded: (isOfKind) => [...replies.keys()].some(isOfKind),
    restart: replaceChild,
    async stop() {
      isStopped = true;
      const last = [await child, await spare];
      child = null;
      spare = null;
      for (const one of last) if (one !== null && 'stop' in one) await one.stop();
    },
  };
}
