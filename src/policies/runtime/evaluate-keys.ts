import type { Json } from '../../domain/event.ts';
import { decisions, verdictProblem } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, Facts, RenewalVerdict } from '../contract.ts';
import { faultOf, type Fault } from './fault.ts';
import type { ModuleJob } from './job-queue.ts';
import type { ChildSupervisor, RunningModule } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';
import type { ModuleReply } from './messages.ts';
import type { ProcessLimit } from './watch-limit.ts';

/** What a module says of one key, checked; null: it has no such function. */
export interface ModuleVerdicts {
  readonly expiry: ExpiryVerdict | null;
  readonly renewal: RenewalVerdict | null;
  readonly dormancy: DormancyVerdict | null;
}

/** LATER: it was not asked, for no fault of its own. */
export type Evaluation = ModuleVerdicts | { readonly fault: Fault } | 'LATER';

/** What is asked: the same module, configuration and moment for any number of keys. */
export interface EvaluationRequest {
  readonly config: Json;
  readonly moment: number;
  readonly facts: readonly Facts[];
}

export interface EvaluationJob extends ModuleJob {
  /** One for each key, in order, as soon as all are there. */
  readonly evaluations: Promise<readonly Evaluation[]>;
}

/** What one key may take. */
const KEY_BUSY_MS = 50;
/** What each key of a batch adds to that. A module that takes longer is asked about one key after the other. */
const BATCH_KEY_BUSY_MS = 0.8;
/** So many keys are asked about at once; between batches others have their turn. */
const BATCH_MAX = 250;
/** On a busy machine the clock runs on while the process waits for a processor. */
const ELAPSED_FACTOR = 8;
const ELAPSED_MAX_MS = 1_500;

/** Every so many keys one is asked about twice. */
const REPEAT_EVERY = 50;

/** After so many keys on which a module loops or crashes it is not asked about the others. */
const FAULTY_KEYS_MAX = 3;

const SMALL_JOB_KEYS = 4;

/** A module that had so long, and has not answered, is too slow; others kept it from being asked if it had less. */
const OWN_TIME_MS = 1_500;

const unanswered = faultOf('CRASHES', 'It did not answer.');
const tooSlow = faultOf(
  'LOOPS',
  'It takes so long for a key that it does not come to an end with all that it is asked.',
);

/** Asks a module about keys, batch by batch; a batch that ends the process is asked again key by key, to name the culprit. */
export function evaluateKeys(
  keeper: ChildSupervisor,
  version: StoredVersion,
  { config, moment, facts }: EvaluationRequest,
  suspicion: { isSuspect(): boolean; raise(): void },
): EvaluationJob {
  const { promise, resolve } = Promise.withResolvers<readonly Evaluation[]>();
  const evaluations: Evaluation[] = [];
  let culpritCount = 0;
  let found: Fault | null = null;
  let isOver = false;
  let ownTimeMs = 0;

  const giveUp = (answer: Fault | 'LATER') => {
    if (isOver) return;
    isOver = true;
    const fault = found ?? (answer === 'LATER' && ownTimeMs >= OWN_TIME_MS ? tooSlow : answer);
    const left = fault === 'LATER' ? fault : { fault };
    resolve([...evaluations, ...facts.slice(evaluations.length).map(() => left)]);
  };

  /** Null: it cannot be asked, and everything is answered. */
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

  const ask = async ({ request: ask }: RunningModule, batch: readonly Facts[], twice: readonly number[]) => {
    const text = JSON.stringify(batch);
    const request = { kind: 'EVALUATE', hash: version.hash, config, moment, facts: text, twice } as const;
    const from = performance.now();
    const reply = await ask(request, limitFor(batch.length, twice.length > 0));
    ownTimeMs += performance.now() - from;
    if ('said' in reply && !isOver) evaluations.push(...readReplies(reply.said, batch.length));
    return reply;
  };

  const askOneByOne = async (batch: readonly Facts[]) => {
    for (const one of batch) {
      const loaded = await load();
      if (loaded === null) return;
      const reply = await ask(loaded, [one], one === batch[0] ? [0] : []);
      if (isOver || !('ended' in reply)) continue;
      suspicion.raise();
      culpritCount += 1;
      found = faultOf(reply.ended.kind, reply.ended.message);
      evaluations.push({ fault: found });
      if (culpritCount >= FAULTY_KEYS_MAX) return giveUp(found);
    }
  };

  const askBatch = async (batch: readonly Facts[]) => {
    const loaded = await load();
    if (loaded === null) return;
    const reply = await ask(loaded, batch, sampleIndexes(batch.length));
    if ('ended' in reply) await askOneByOne(batch);
  };

  return {
    isSmall: facts.length <= SMALL_JOB_KEYS,
    isSuspect: () => suspicion.isSuspect(),
    evaluations: promise,
    giveUp,
    async step() {
      const batch = facts.slice(evaluations.length, evaluations.length + BATCH_MAX);
      if (!isOver && batch.length > 0) await askBatch(batch);
      if (evaluations.length >= facts.length) giveUp(unanswered);
      return !isOver;
    },
  };
}

/** Any one of the keys may take its time, also when it is asked about twice. */
function limitFor(keyCount: number, isTwice: boolean): ProcessLimit {
  const busyMs = KEY_BUSY_MS * (isTwice ? 2 : 1) + (keyCount - 1) * BATCH_KEY_BUSY_MS;
  return { busyMs: Math.round(busyMs), elapsedMs: Math.min(busyMs * ELAPSED_FACTOR, ELAPSED_MAX_MS) };
}

function sampleIndexes(keyCount: number): number[] {
  return Array.from({ length: Math.ceil(keyCount / REPEAT_EVERY) }, (_, index) => index * REPEAT_EVERY);
}

/** What the process says is not believed: it ran the modules. */
function readReplies(said: unknown, keyCount: number): readonly Evaluation[] {
  const answers = Array.isArray(said) ? (said as readonly ModuleReply[]) : [];
  if (answers.length === keyCount) return answers.map(readReply);
  const fault = faultOf('NONSENSE', `${keyCount} answers were expected, ${answers.length} came.`);
  return Array.from({ length: keyCount }, () => ({ fault }));
}

function readReply(answer: ModuleReply): Evaluation {
  if ('fault' in answer) return { fault: faultOf(answer.fault.kind, answer.fault.message) };
  for (const decision of decisions) {
    const problem = answer[decision] === null ? null : verdictProblem(decision, answer[decision]);
    if (problem !== null) return { fault: faultOf('NONSENSE', `${decision}: ${problem}`) };
  }
  return answer as unknown as ModuleVerdicts;
}
