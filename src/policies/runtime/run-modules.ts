import type { Json } from '../../domain/event.ts';
import { evaluateKeys, type EvaluationOptions, type EvaluationRequest } from './evaluate-keys.ts';
import { evaluateTogether, TOGETHER_KEYS_MAX } from './evaluate-together.ts';
import type { Evaluation } from './read-replies.ts';
import { faultOf, toOneLine, type Fault } from './fault.ts';
import { createLane, type Lane } from './lane.ts';
import { createTypeStripper } from './strip-types.ts';
import { superviseChild, type ChildSupervisor } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';
import type { ConfigReply } from './messages.ts';
import { readDescription, type Description } from './read-description.ts';
import { watchConduct } from './watch-conduct.ts';

export interface Issue {
  /** The path in the configuration. */
  readonly path: readonly string[];
  readonly message: string;
}

/** A module's issues with a configuration. BUSY: other modules took the time; it was not checked. */
export type ConfigIssues = { readonly issues: readonly Issue[] } | { readonly fault: Fault } | 'BUSY';

/** Runs modules. Whatever they do, all promises resolve in bounded time: those of reviews within about 3 s. */
export interface ModuleRunner {
  describe(version: StoredVersion): Promise<Description | { readonly fault: Fault }>;
  /** Returns a module's issues with a configuration. An empty list: the module accepts the configuration. */
  readConfig(version: StoredVersion, config: Json): Promise<ConfigIssues>;
  /** Whether a module has returned, and has not looped or crashed since. */
  isSteady(version: StoredVersion): boolean;
  evaluate(version: StoredVersion, question: EvaluationRequest & EvaluationOptions): Promise<readonly Evaluation[]>;
  stop(): Promise<void>;
}

/** How long a review waits for a module. What is not evaluated by then stays due, so that other realms wait no longer. */
const REVIEW_DEADLINE_MS = 3_000;
/**
 * How long a caller waits, who cannot come back later. Limits of processor time end a module that loops long before, unless the
 * machine is overloaded.
 */
const DEADLINE_MS = 10_000;
/** Longer, because a new module may have to be loaded twice if it ends the process. */
const DESCRIBE_DEADLINE_MS = 30_000;

const CONFIG_LIMIT = { busyMs: 50, elapsedMs: 400 } as const;

const notCalled = faultOf(
  'CRASHES',
  'The module was not called: other modules keep the policy process busy, or the gateway is stopping.',
);

export interface RunnerOptions {
  /** The folder of the modules. */
  readonly modules: string;
  /** Whether a module comes with Keytide, so that it returns, and changes nothing in a process that others see. */
  readonly isOwn: (hash: string) => boolean;
}

/**
 * Creates a runner for the modules in a folder. They run in a separate process, in one for all that have returned. Further
 * processes are started when there is a reason, so that a module that loops delays no other:
 *
 * - Trial: what is new until it returns, and what looped or crashed, one key at a time
 * - Reviews: for a while after a module looped or crashed, what no caller waits for
 * - Checks: configurations, in a process in which no module of others has been loaded but their own
 */
export function runModules({ modules, isOwn }: RunnerOptions): ModuleRunner {
  const stripper = createTypeStripper(modules);
  const openLane = (options = {}) => createLane(superviseChild(modules, stripper.strip, options));
  const [shared, trial, reviews, checks] = [openLane(), openLane({ hasSpare: true }), openLane(), openLane()];
  const lanes = [shared, trial, reviews, checks];
  const conducts = watchConduct(isOwn);
  const askTogether = evaluateTogether(shared, (hashes) => {
    // Modules that come with Keytide return: another one is more likely.
    const others = hashes.filter((hash) => !isOwn(hash));
    for (const hash of others.length > 0 ? others : hashes) conducts.of(hash).doubt();
  });

  /** Runs a job of a single step. */
  const once = <Value>(
    lane: Lane,
    { hash }: StoredVersion,
    run: (keeper: ChildSupervisor) => Promise<Value | { readonly fault: Fault }>,
    deadlineMs = DEADLINE_MS,
  ) => {
    const { promise, resolve } = Promise.withResolvers<Value | { readonly fault: Fault } | 'LATER'>();
    let isOver = false;
    const step = async () => {
      if (!isOver) resolve(await run(lane.keeper));
      return false;
    };
    const giveUp = (reason: Fault | 'LATER') => {
      isOver = true;
      resolve(reason === 'LATER' ? reason : { fault: reason });
    };
    const { isSuspect } = conducts.of(hash);
    return lane.finish({ isSmall: true, realmId: '', isSuspect, step, giveUp }, promise, deadlineMs);
  };

  const checkConfig = async (keeper: ChildSupervisor, version: StoredVersion, config: Json): Promise<ConfigIssues> => {
    const { hash } = version;
    const loaded = await keeper.load(version);
    if ('fault' in loaded) return loaded;
    const reply = await loaded.request({ kind: 'READ_CONFIG', hash, config }, CONFIG_LIMIT);
    if ('ended' in reply) {
      conducts.of(hash).suspect();
      return { fault: reply.ended };
    }
    const result = reply.value as ConfigReply;
    if ('fault' in result) return { fault: faultOf('THROWS', result.fault.message) };
    return { issues: result.issues.map(({ path, message }) => ({ path, message: toOneLine(message) })) };
  };

  return {
    async describe(version) {
      const conduct = conducts.of(version.hash);
      const described = await once(
        conduct.isApart() ? trial : shared,
        version,
        async (keeper) => {
          const loaded = await keeper.load(version);
          if ('fault' in loaded) {
            conduct.suspect();
            return loaded;
          }
          if ('fault' in loaded.reply) return { fault: faultOf('THROWS', loaded.reply.fault.message) };
          const description = readDescription(loaded.reply.described);
          return 'problem' in description ? { fault: faultOf('NONSENSE', description.problem) } : description;
        },
        DESCRIBE_DEADLINE_MS,
      );
      return described === 'LATER' ? { fault: notCalled } : described;
    },

    async readConfig(version, config) {
      const { hash } = version;
      const isOther = (other: string) => other !== hash && !isOwn(other);
      const isApart = conducts.of(hash).isApart();
      const read =
        isApart && conducts.isAlarmed()
          ? 'APART'
          : await once<ConfigIssues | 'APART'>(isApart ? trial : shared, version, (keeper) =>
              keeper.hasLoaded(isOther) ? Promise.resolve('APART' as const) : checkConfig(keeper, version, config),
            );
      if (read === 'LATER') return 'BUSY';
      if (read !== 'APART') return read;
      const readApart = await once<ConfigIssues>(checks, version, async (keeper) => {
        if (keeper.hasLoaded(isOther)) await keeper.restart();
        return checkConfig(keeper, version, config);
      });
      return readApart === 'LATER' ? 'BUSY' : readApart;
    },

    isSteady: ({ hash }) => conducts.of(hash).isTrusted(),

    async evaluate(version, question) {
      const conduct = conducts.of(version.hash);
      const { isForRequest = false } = question;
      const deadlineAt = performance.now() + (isForRequest ? DEADLINE_MS : REVIEW_DEADLINE_MS);
      const evaluations: Evaluation[] = [];
      const mayAskTogether = () => conduct.isTrusted() && !conduct.isAlone() && (isForRequest || !conducts.isAlarmed());
      const askPart = (from: number) => {
        const facts = question.facts.slice(from, from + TOGETHER_KEYS_MAX);
        return facts.length === 0 ? null : askTogether(version, { ...question, facts });
      };
      let next: ReturnType<typeof askPart> = null;
      while (evaluations.length < question.facts.length && mayAskTogether() && performance.now() < deadlineAt) {
        const part = next ?? askPart(evaluations.length);
        // Other modules are asked about the same keys in this turn. The process works on the next part while this one is read.
        await Promise.resolve();
        next = askPart(evaluations.length + TOGETHER_KEYS_MAX);
        const answered = await part;
        if (answered === null) break;
        evaluations.push(...answered);
      }
      let loopBefore: Fault | null = null;
      while (evaluations.length < question.facts.length) {
        const regular = isForRequest || !conducts.isAlarmed() ? shared : reviews;
        const lane = conduct.isApart() ? trial : regular;
        const place = { keeper: lane.keeper, isOnTrial: !conduct.isTrusted(), isShared: lane !== trial, loopBefore };
        const facts = question.facts.slice(evaluations.length);
        const job = evaluateKeys(place, version, { ...question, facts }, conduct);
        evaluations.push(...(await lane.finish(job, job.evaluations, deadlineAt - performance.now())));
        loopBefore = job.loop();
      }
      return evaluations;
    },

    async stop() {
      for (const lane of lanes) lane.close();
      await stripper.stop();
      for (const lane of lanes) await lane.keeper.stop();
    },
  };
}
