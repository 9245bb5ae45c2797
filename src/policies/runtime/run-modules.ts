import type { Json } from '../../domain/event.ts';
import { evaluateKeys, type Evaluation, type EvaluationRequest } from './evaluate-keys.ts';
import { faultOf, toOneLine, type Fault } from './fault.ts';
import { createJobQueue, type ModuleJob } from './job-queue.ts';
import { superviseChild } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';
import type { ConfigReply } from './messages.ts';
import { readDescription, type Description } from './read-description.ts';

export interface Issue {
  /** The path in the configuration. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Runs modules. Whatever they do, evaluations and configurations return within about 3 s, and no promise rejects. */
export interface ModuleRunner {
  describe(version: StoredVersion): Promise<Description | { readonly fault: Fault }>;
  /** Returns a module's issues with a configuration. An empty list: the module accepts the configuration. */
  readConfig(
    version: StoredVersion,
    config: Json,
  ): Promise<{ readonly issues: readonly Issue[] } | { readonly fault: Fault }>;
  evaluate(version: StoredVersion, question: EvaluationRequest): Promise<readonly Evaluation[]>;
  stop(): Promise<void>;
}

const DEADLINE_MS = 3_000;
/** Longer, because a new module may have to be loaded twice if it ends the process. */
const DESCRIBE_DEADLINE_MS = 30_000;

const CONFIG_LIMIT = { busyMs: 50, elapsedMs: 400 } as const;

/** For how long after a loop or crash a module runs only when no other job waits. */
const SUSPICION_MS = 10_000;

const notCalled = faultOf(
  'CRASHES',
  'The module was not called: other modules keep the policy process busy, or the gateway is stopping.',
);

/** Creates a runner for the modules in a folder. */
export function runModules(modules: string): ModuleRunner {
  const keeper = superviseChild(modules);
  const enqueue = createJobQueue();
  const suspectUntil = new Map<string, number>();
  const open = new Set<ModuleJob['giveUp']>();
  let isStopped = false;

  const suspicionOf = (hash: string) => ({
    isSuspect: () => (suspectUntil.get(hash) ?? 0) > performance.now(),
    raise: () => void suspectUntil.set(hash, performance.now() + SUSPICION_MS),
  });

  /** Queues a job and gives it up at its deadline. */
  const finish = async <Value>(job: ModuleJob, result: Promise<Value>, deadlineMs = DEADLINE_MS): Promise<Value> => {
    const { giveUp } = job;
    if (isStopped) giveUp('LATER');
    const timer = setTimeout(giveUp, deadlineMs, 'LATER' as const);
    open.add(giveUp);
    enqueue(job);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
      open.delete(giveUp);
    }
  };

  /** Queues a job of a single step. */
  const once = <Value>(
    hash: string,
    run: () => Promise<Value | { readonly fault: Fault }>,
    deadlineMs = DEADLINE_MS,
  ) => {
    const { promise, resolve } = Promise.withResolvers<Value | { readonly fault: Fault }>();
    let isOver = false;
    const { isSuspect } = suspicionOf(hash);
    const step = async () => {
      if (!isOver) resolve(await run());
      return false;
    };
    const giveUp = (reason: Fault | 'LATER') => {
      isOver = true;
      resolve({ fault: reason === 'LATER' ? notCalled : reason });
    };
    return finish({ isSmall: true, isSuspect, step, giveUp }, promise, deadlineMs);
  };

  return {
    describe: (version) =>
      once(
        version.hash,
        async () => {
          const loaded = await keeper.load(version);
          if ('fault' in loaded) return loaded;
          if ('fault' in loaded.reply) return { fault: faultOf('THROWS', loaded.reply.fault.message) };
          const description = readDescription(loaded.reply.described);
          return 'problem' in description ? { fault: faultOf('NONSENSE', description.problem) } : description;
        },
        DESCRIBE_DEADLINE_MS,
      ),

    readConfig: (version, config) =>
      once(version.hash, async () => {
        const loaded = await keeper.load(version);
        if ('fault' in loaded) return loaded;
        const reply = await loaded.request({ kind: 'READ_CONFIG', hash: version.hash, config }, CONFIG_LIMIT);
        if ('ended' in reply) {
          suspicionOf(version.hash).raise();
          return { fault: reply.ended };
        }
        const result = reply.value as ConfigReply;
        if ('fault' in result) return { fault: faultOf('THROWS', result.fault.message) };
        return { issues: result.issues.map(({ path, message }) => ({ path, message: toOneLine(message) })) };
      }),

    evaluate(version, question) {
      const job = evaluateKeys(keeper, version, question, suspicionOf(version.hash));
      return finish(job, job.evaluations);
    },

    async stop() {
      isStopped = true;
      for (const giveUp of open) giveUp('LATER');
      await keeper.stop();
    },
  };
}
