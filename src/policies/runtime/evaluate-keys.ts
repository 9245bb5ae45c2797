import type { Json } from '../../domain/event.ts';
import type { Facts } from '../contract.ts';
import { factsListText } from '../facts-text.ts';
import { limitFor, REPEAT_EVERY, sampleIndexes } from './batch-limit.ts';
import { faultOf, type Fault } from './fault.ts';
import type { ModuleJob } from './job-queue.ts';
import type { ChildSupervisor, RunningModule } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';
import { readReplies, type Evaluation } from './read-replies.ts';
import type { Conduct } from './watch-conduct.ts';

/** A request to evaluate any number of keys with the same module, configuration and moment. */
export interface EvaluationRequest {
  readonly config: Json;
  readonly moment: number;
  readonly facts: readonly Facts[];
}

/** How an evaluation is scheduled. */
export interface EvaluationOptions {
  /** The realm of the keys. Realms take turns. */
  readonly realmId?: string;
  /** Whether a caller waits for it. */
  readonly isForRequest?: boolean;
  /** Whether the caller waits for no module that does not return at once. */
  readonly isHasty?: boolean;
}

export interface EvaluationJob extends ModuleJob {
  /**
   * Evaluations of the first keys, in order. Resolves when all keys are done; on trial, as soon as the module has returned a
   * verdict; beside other modules, as soon as it is suspect.
   */
  readonly evaluations: Promise<readonly Evaluation[]>;
  /** How the next key looped at its first try. */
  loop(): Fault | null;
}

/** The most keys in a batch. Other jobs run between batches. */
const BATCH_MAX = 250;
/**
 * After this many keys on which a module loops or crashes, the rest of the job is given up. Counted over jobs, because on a busy
 * machine a job may not have the time for so many.
 */
const FAULTY_KEYS_MAX = 3;

/**
 * After this many crashes the rest of the job is given up, even if each key is evaluated in a new process. Counted over jobs,
 * because a module that fills its memory may take longer for each crash than a job has.
 */
const CRASHES_MAX = 3;

/** A job of at most this many keys may pass a large one. */
export const SMALL_JOB_KEYS = 4;

/**
 * A module that had this much processor time when the deadline came is too slow. With less, other modules or a busy machine took
 * the time: LATER.
 */
const OWN_TIME_MS = 1_500;

const unanswered = faultOf('CRASHES', 'It returned no verdict.');
const tooSlow = faultOf('LOOPS', 'It takes too long for a key to evaluate all keys before the deadline.');

/** Where a module is evaluated. */
export interface EvaluationPlace {
  readonly keeper: ChildSupervisor;
  /** Whether the module has not returned yet, or looped or crashed since: it gets one key at a time until it has returned for one. */
  readonly isOnTrial: boolean;
  /** Whether other modules run in the same process: a module that becomes suspect must leave it. */
  readonly isShared: boolean;
  /** How the first key looped at a try before. At the deadline there is no time for another one. */
  readonly loopBefore: Fault | null;
}

/**
 * Evaluates keys with a module, batch by batch. A batch that exceeds its limit is repeated key by key, to find the key that causes
 * it. One in which the process crashes is first repeated in a new process, because the crash may have another cause.
 */
export function evaluateKeys(
  { keeper, isOnTrial, isShared, loopBefore }: EvaluationPlace,
  version: StoredVersion,
  { config, moment, facts, realmId = '', isHasty = false }: EvaluationRequest & EvaluationOptions,
  conduct: Conduct,
): EvaluationJob {
  const { promise, resolve } = Promise.withResolvers<readonly Evaluation[]>();
  const evaluations: Evaluation[] = [];
  let isOver = false;
  let ownTimeMs = 0;
  /** How many of the next keys are called one by one. */
  let singleCount = 0;
  let loop = loopBefore;

  const finish = (left: Evaluation | null) => {
    if (isOver) return;
    isOver = true;
    resolve(left === null ? evaluations : [...evaluations, ...facts.slice(evaluations.length).map(() => left)]);
  };

  const giveUp = (reason: Fault | 'LATER' | 'STALLED') => {
    if (!isOver && reason === 'LATER' && loop !== null) evaluations.push({ fault: loop });
    const left = reason === 'LATER' && ownTimeMs >= OWN_TIME_MS ? tooSlow : reason;
    finish(typeof left === 'string' ? left : { fault: left });
  };

  /** Loads the module; null: it cannot be loaded, and the job is given up. */
  const load = async (): Promise<RunningModule | null> => {
    if (isOver) return null;
    const loaded = await keeper.load(version);
    if ('fault' in loaded) {
      conduct.suspect();
      giveUp(loaded.fault);
    } else if ('fault' in loaded.reply) {
      giveUp(faultOf('THROWS', loaded.reply.fault.message));
    } else {
      return loaded;
    }
    return null;
  };

  /** Calls the module for a batch. Returns the fault if the process ended; null: the job goes on, or is over. */
  const callModule = async (batch: readonly Facts[], twice: readonly number[]): Promise<Fault | null> => {
    const running = await load();
    if (running === null || isOver) return null;
    const part = { hash: version.hash, config, moment, facts: 0, twice };
    const request = { kind: 'EVALUATE', texts: [factsListText(batch)], parts: [part] } as const;
    const reply = await running.request(request, limitFor(batch.length, twice.length > 0));
    if (isOver) return null;
    ownTimeMs += reply.usedMs;
    loop = null;
    if ('ended' in reply) return reply.ended;
    const [replies] = Array.isArray(reply.value) ? (reply.value as readonly unknown[]) : [];
    evaluations.push(...readReplies(replies, batch.length));
    conduct.trust();
    if (isOnTrial && !conduct.isSuspect()) finish(null);
    return null;
  };

  const evaluateBatch = async (batch: readonly Facts[]) => {
    const wasSuspect = conduct.isSuspect();
    const ended = await callModule(batch, isHasty ? [] : sampleIndexes(batch.length));
    if (ended === null) return;
    const crashCount = ended.kind === 'LOOPS' ? 0 : conduct.countCrash();
    const isItsFault = ended.kind === 'LOOPS' || crashCount > 1 || isHasty;
    if (isItsFault) conduct.suspect();
    const isLoop = ended.kind === 'LOOPS' && batch.length === 1;
    if (isHasty) giveUp('STALLED');
    else if (crashCount >= CRASHES_MAX) giveUp(faultOf(ended.kind, ended.message));
    else if (wasSuspect && isLoop && !isShared) blameKey(ended);
    else {
      if (isLoop) loop = faultOf(ended.kind, ended.message);
      if (isItsFault && isShared) finish(null);
      else if (isItsFault || batch.length === 1) singleCount = batch.length;
    }
  };

  const evaluateSingle = async (one: Facts) => {
    singleCount -= 1;
    const ended = await callModule([one], evaluations.length % REPEAT_EVERY === 0 ? [0] : []);
    if (ended === null) return;
    conduct.suspect();
    blameKey(ended);
  };

  /** Records the fault of the next key. */
  const blameKey = (ended: Fault) => {
    const fault = faultOf(ended.kind, ended.message);
    const faultyKeyCount = conduct.blame(facts[evaluations.length]?.key.id ?? '');
    evaluations.push({ fault });
    if (faultyKeyCount >= FAULTY_KEYS_MAX) giveUp(fault);
  };

  return {
    isSmall: facts.length <= SMALL_JOB_KEYS,
    realmId,
    isSuspect: () => conduct.isSuspect(),
    evaluations: promise,
    loop: () => loop,
    giveUp,
    async step() {
      const batch = facts.slice(evaluations.length, evaluations.length + (isOnTrial ? 1 : BATCH_MAX));
      const [one] = batch;
      if (one !== undefined) await (singleCount > 0 ? evaluateSingle(one) : evaluateBatch(batch));
      if (evaluations.length >= facts.length) giveUp(unanswered);
      return !isOver;
    },
  };
}
