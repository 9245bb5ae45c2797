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
 * costs more than the evaluation of a key, and the facts of a key are sent once for all of its bindings. For modules that return: if one does not, no question of the request is answered,
 * and none of its modules is blamed. Each is then asked alone, which finds out whether it is at fault. `onDoubt` receives the hashes
 * of the modules of such a request: a module that loops now and then may return when it is asked alone.
 */
export function evaluateTogether(lane: Lane, onDoubt: (hashes: readonly string[]) => void): EvaluateTogether {
  let waiting: Waiting[] = [];
  let isQueued = false;

  const queueNext = () => {
    if (isQueued || waiting.length === 0) return;
    isQueued = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    const step = async () => {
      if (isOver) return false;
      isOver = true;
      const { taken, left } = takeKeys(waiting);
      waiting = left;
      isQueued = false;
      queueNext();
      const answers = await ask(lane, taken, onDoubt).catch(() => null);
      for (const [index, { settle }] of taken.entries()) settle(answers?.[index] ?? null);
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

/** Asks modules in one request. Returns null, or for single modules, if they did not all return. */
async function ask(
  { keeper }: Lane,
  asked: readonly Asked[],
  onDoubt: (hashes: readonly string[]) => void,
): Promise<readonly (readonly Evaluation[] | null)[] | null> {
  let running: RunningModule | null = null;
  const versions = new Map(asked.map(({ version }) => [version.hash, version]));
  for (const version of versions.values()) {
    const loaded = await keeper.load(version);
    if ('fault' in loaded || 'fault' in loaded.reply) {
      onDoubt([version.hash]);
      return null;
    }
    running = loaded;
  }
  if (running === null) return null;
  const places = new Map<string, number>();
  const parts = asked.map(({ version: { hash }, request: { config, moment, facts } }) => {
    const text = factsListText(facts);
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return { hash, config, moment, facts: place, twice: sampleIndexes(facts.length) };
  });
  const keyCount = asked.reduce((count, { request }) => count + request.facts.length, 0);
  const reply = await running.request({ kind: 'EVALUATE', texts: [...places.keys()], parts }, limitFor(keyCount, true));
  if ('ended' in reply || !Array.isArray(reply.value)) {
    onDoubt([...versions.keys()]);
    return null;
  }
  const replies = reply.value as readonly unknown[];
  return asked.map(({ request: { facts } }, index) => readAll(replies[index], facts));
}

function readAll(replies: unknown, facts: readonly Facts[]): readonly Evaluation[] | null {
  // A module that is no longer loaded has no replies.
  return Array.isArray(replies) && replies.length === facts.length ? readReplies(replies, facts.length) : null;
}
