import type { Json } from '../../domain/event.ts';
import { decisions, verdictProblem } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, Facts, RenewalVerdict } from '../contract.ts';
import { faultOf, type Fault } from './fault.ts';
import type { ModuleJob } from './job-queue.ts';
import type { ChildSupervisor, RunningModule } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';
import type { ModuleReply } from './messages.ts';
import type { ProcessLimit } from './watch-limit.ts';

/** The checked verdicts of a module on a key; null: the module has no such function. */
export interface ModuleVerdicts {
  readonly expiry: ExpiryVerdict | null;
  readonly renewal: RenewalVerdict | null;
  readonly dormancy: DormancyVerdict | null;
}

/** LATER: the module was not called, through no fault of its own. */
export type Evaluation = ModuleVerdicts | { readonly fault: Fault } | 'LATER';

/** A request to evaluate any number of keys with the same module, configuration and moment. */
export interface EvaluationRequest {
  readonly config: Json;
  readonly moment: number;
  readonly facts: readonly Facts[];
}

export interface EvaluationJob extends ModuleJob {
  /** One evaluation for each key, in order. Resolves when all are done. */
  readonly evaluations: Promise<readonly Evaluation[]>;
}

/** The processor time that one key may take. */
const KEY_BUSY_MS = 50;
/** The processor time that each further key of a batch adds to the limit. A slower module is called key by key. */
const BATCH_KEY_BUSY_MS = 0.8;
/** The most keys in a batch. Other jobs run between batches. */
const BATCH_MAX = 250;
/** The elapsed time may be this multiple of the processor time, because on a busy machine the process waits for a processor. */
const ELAPSED_FACTOR = 8;
const ELAPSED_MAX_MS = 1_500;

/** One in this many keys is evaluated twice, to find modules that are not deterministic. */
const REPEAT_EVERY = 50;

/** After this many keys on which a module loops or crashes, the rest of the job is given up. */
const FAULTY_KEYS_MAX = 3;

/** A job of at most this many keys may pass a large one. */
const SMALL_JOB_KEYS = 4;

/** A module that had this much time when the deadline came is too slow. With less, other modules took the time: LATER. */
const OWN_TIME_MS = 1_500;

const unanswered = faultOf('CRASHES', 'It returned no verdict.');
const tooSlow = faultOf('LOOPS', 'It takes too long for a key to evaluate all keys before the deadline.');

/** Evaluates keys with a module, batch by batch. A batch that ends the process is repeated key by key, to find the key that causes it. */
export function evaluateKeys(
  keeper: ChildSupervisor,
  version: StoredVersion,
  { config, moment, facts }: EvaluationRequest,
  suspicion: { isSuspect(): boolean; raise(): void },
): EvaluationJob {
  const { promise, resolve } = Promise.withResolvers<readonly Evaluation[]>();
  const evaluations: Evaluation[] = [];
  let faultyKeyCount = 0;
  let found: Fault | null = null;
  let isOver = false;
  let ownTimeMs = 0;

  const giveUp = (reason: Fault | 'LATER') => {
    if (isOver) return;
    isOver = true;
    const fault = found ?? (reason === 'LATER' && ownTimeMs >= OWN_TIME_MS ? tooSlow : reason);
    const left = fault === 'LATER' ? fault : { fault };
    resolve([...evaluations, ...facts.slice(evaluations.length).map(() => left)]);
  };

  /** Loads the module; null: it cannot be loaded, and the job is given up. */
  const load = async (): Promise<RunningModule | null> => {
    if (isOver) return null;
    const loaded = await keeper.load(version);
    if ('fault' in loaded) {
      suspicion.raise();
      giveUp(loaded.fault);
    } else if ('fault' in loaded.reply) {
      giveUp(faultOf('THROWS', loaded.reply.fault.message));
    } else {
      return loaded;
    }
    return null;
  };

  const callModule = async ({ request: ask }: RunningModule, batch: readonly Facts[], twice: readonly number[]) => {
    const text = JSON.stringify(batch);
    const request = { kind: 'EVALUATE', hash: version.hash, config, moment, facts: text, twice } as const;
    const from = performance.now();
    const reply = await ask(request, limitFor(batch.length, twice.length > 0));
    ownTimeMs += performance.now() - from;
    if ('value' in reply && !isOver) evaluations.push(...readReplies(reply.value, batch.length));
    return reply;
  };

  const evaluateOneByOne = async (batch: readonly Facts[]) => {
    for (const one of batch) {
      const loaded = await load();
      if (loaded === null) return;
      const reply = await callModule(loaded, [one], one === batch[0] ? [0] : []);
      if (isOver || !('ended' in reply)) continue;
      suspicion.raise();
      faultyKeyCount += 1;
      found = faultOf(reply.ended.kind, reply.ended.message);
      evaluations.push({ fault: found });
      if (faultyKeyCount >= FAULTY_KEYS_MAX) return giveUp(found);
    }
  };

  const evaluateBatch = async (batch: readonly Facts[]) => {
    const loaded = await load();
    if (loaded === null) return;
    const reply = await callModule(loaded, batch, sampleIndexes(batch.length));
    if ('ended' in reply) await evaluateOneByOne(batch);
  };

  return {
    isSmall: facts.length <= SMALL_JOB_KEYS,
    isSuspect: () => suspicion.isSuspect(),
    evaluations: promise,
    giveUp,
    async step() {
      const batch = facts.slice(evaluations.length, evaluations.length + BATCH_MAX);
      if (!isOver && batch.length > 0) await evaluateBatch(batch);
      if (evaluations.length >= facts.length) giveUp(unanswered);
      return !isOver;
    },
  };
}

/** Returns the limit for a batch. Any one of its keys may take the full time of a key, twice if keys are repeated. */
function limitFor(keyCount: number, isTwice: boolean): ProcessLimit {
  const busyMs = KEY_BUSY_MS * (isTwice ? 2 : 1) + (keyCount - 1) * BATCH_KEY_BUSY_MS;
  return { busyMs: Math.round(busyMs), elapsedMs: Math.min(busyMs * ELAPSED_FACTOR, ELAPSED_MAX_MS) };
}

function sampleIndexes(keyCount: number): number[] {
  return Array.from({ length: Math.ceil(keyCount / REPEAT_EVERY) }, (_, index) => index * REPEAT_EVERY);
}

/** Checks the replies of the process. They are not trusted, because modules ran in it. */
function readReplies(value: unknown, keyCount: number): readonly Evaluation[] {
  const replies = Array.isArray(value) ? (value as readonly ModuleReply[]) : [];
  if (replies.length === keyCount) return replies.map(readReply);
  const fault = faultOf('NONSENSE', `found ${replies.length} replies; expected ${keyCount}.`);
  return Array.from({ length: keyCount }, () => ({ fault }));
}

function readReply(reply: ModuleReply): Evaluation {
  if ('fault' in reply) return { fault: faultOf(reply.fault.kind, reply.fault.message) };
  for (const decision of decisions) {
    const problem = reply[decision] === null ? null : verdictProblem(decision, reply[decision]);
    if (problem !== null) return { fault: faultOf('NONSENSE', `${decision}: ${problem}`) };
  }
  return reply as unknown as ModuleVerdicts;
}
