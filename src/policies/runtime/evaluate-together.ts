import type { Facts } from '../contract.ts';
import { factsListText } from '../facts-text.ts';
import { limitFor, sampleIndexes } from './batch-limit.ts';
import { SMALL_JOB_KEYS, type EvaluationRequest } from './evaluate-keys.ts';
import type { Lane } from './lane.ts';
import { readReplies, type Evaluation } from './read-replies.ts';
import type { RunningModule } from './supervise-child.ts';
import type { StoredVersion } from './version-store.ts';

/** The most keys of a question. */
export const TOGETHER_KEYS_MAX = 250;

/** The most keys of all questions in one request to the process. */
const KEYS_MAX = 4 * TOGETHER_KEYS_MAX;

/** How long a question waits for the process before its module is asked alone. */
const DEADLINE_MS = 2_500;

/** A module with what it is asked. */
interface Asked {
  readonly version: StoredVersion;
  readonly request: EvaluationRequest;
}

interface Waiting extends Asked {
  readonly settle: (evaluations: readonly Evaluation[] | null) => void;
}

/** Asks a module about some keys. Null: it was not evaluated, whatever the reason. */
export type EvaluateTogether = (
  version: StoredVersion,
  request: EvaluationRequest,
) => Promise<readonly Evaluation[] | null>;

/**
 * Returns a function that asks modules about some keys each, all that wait for the process in one request, because a request
 * costs more than the evaluation of a key, and the facts of a key are sent once for all of its bindings. For modules that return:
 * if one does not, no question of the request is answered, and none of its modules is blamed. Each is then asked alone, which finds
 * out whether it is at fault. `onDoubt` receives the hashes of the modules of such a request: a module that loops now and then may
 * return when it is asked alone.
 */
export function evaluateTogether(lane: Lane, onDoubt: (hashes: readonly string[]) => void): EvaluateTogether {
  let waiting: Waiting[] = [];
  let isQueued = false;

  /** Questions to modules that did not return, and that wait as well, are not asked together either. */
  const doubt = (hashes: readonly string[]) => {
    if (hashes.length === 0) return;
    onDoubt(hashes);
    const groups = Map.groupBy(waiting, ({ version }) => hashes.includes(version.hash));
    waiting = groups.get(false) ?? [];
    for (const { settle } of groups.get(true) ?? []) settle(null);
  };

  const queueNext = () => {
    if (isQueued || waiting.length === 0) return;
    isQueued = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    const step = async () => {
      // The modules of a realm are asked one after the other in the same turn, about the same keys.
      await Promise.resolve();
      if (isOver) return false;
      isOver = true;
      const { taken, left } = takeKeys(waiting);
      waiting = left;
      isQueued = false;
      queueNext();
      const { replies, doubted } = await ask(lane, taken).catch(() => unanswered);
      doubt(doubted);
      // The process begins with the next request before the replies are read.
      setImmediate(() => {
        for (const [index, { settle, request }] of taken.entries()) settle(readAll(replies[index], request.facts));
      });
      resolve();
      return false;
    };
    const giveUp = () => {
      if (isOver) return;
      isOver = true;
      isQueued = false;
      for (const { settle } of waiting.splice(0)) settle(null);
      resolve();
    };
    void lane.finish({ isSmall: true, realmId: '', isSuspect: () => false, step, giveUp }, promise, DEADLINE_MS);
  };

  return (version, request) =>
    new Promise((settle) => {
      waiting.push({ version, request, settle });
      queueNext();
    });
}

/** Takes small questions first, then those that have waited longest, as many as one request may have. */
function takeKeys(waiting: readonly Waiting[]): { readonly taken: readonly Waiting[]; readonly left: Waiting[] } {
  const isSmall = ({ request }: Waiting) => request.facts.length <= SMALL_JOB_KEYS;
  const ordered = waiting.toSorted((one, other) => Number(isSmall(other)) - Number(isSmall(one)));
  let keyCount = 0;
  const end = ordered.findIndex(({ request }, index) => {
    keyCount += request.facts.length;
    return index > 0 && keyCount > KEYS_MAX;
  });
  return end === -1 ? { taken: ordered, left: [] } : { taken: ordered.slice(0, end), left: ordered.slice(end) };
}

/** The unchecked replies to each question of a request, and the hashes of the modules that may be at fault. */
interface Answer {
  readonly replies: readonly unknown[];
  readonly doubted: readonly string[];
}

const unanswered: Answer = { replies: [], doubted: [] };

/** Asks modules in one request. Returns no replies if they did not all return. */
async function ask({ keeper }: Lane, asked: readonly Asked[]): Promise<Answer> {
  let running: RunningModule | null = null;
  const versions = new Map(asked.map(({ version }) => [version.hash, version]));
  for (const version of versions.values()) {
    const loaded = await keeper.load(version);
    if ('fault' in loaded || 'fault' in loaded.reply) return { replies: [], doubted: [version.hash] };
    running = loaded;
  }
  if (running === null) return unanswered;
  const lists: (readonly Facts[])[] = [];
  const parts = asked.map(({ version: { hash }, request: { config, moment, facts } }) => {
    const known = lists.findIndex((list) => areSameKeys(list, facts));
    const place = known === -1 ? lists.push(facts) - 1 : known;
    return { hash, config, moment, facts: place, twice: sampleIndexes(facts.length) };
  });
  const keyCount = asked.reduce((count, { request }) => count + request.facts.length, 0);
  const request = { kind: 'EVALUATE', texts: lists.map(factsListText), parts } as const;
  const reply = await running.request(request, limitFor(keyCount, true));
  return 'ended' in reply || !Array.isArray(reply.value)
    ? { replies: [], doubted: [...versions.keys()] }
    : { replies: reply.value as readonly unknown[], doubted: [] };
}

/** Whether two questions are about the same facts: bindings of a realm have those of a key as the same object. */
function areSameKeys(one: readonly Facts[], other: readonly Facts[]): boolean {
  return one.length === other.length && one.every((facts, index) => facts === other[index]);
}

/** Checks the replies to a question. Null: the module has been unloaded, or these are not replies of a module. */
function readAll(replies: unknown, facts: readonly Facts[]): readonly Evaluation[] | null {
  if (!Array.isArray(replies) || replies.length !== facts.length) return null;
  try {
    return readReplies(replies, facts.length);
  } catch {
    return null;
  }
}
