import type { KeyObject } from 'node:crypto';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { getText } from '../../outbound/get-text.ts';
import { KeptAnswer } from '../../outbound/kept-answer.ts';
import type { Clock } from '../../store/clock.ts';
import { readGithubKeys, type GithubKeyMap } from './read-github-keys.ts';

/** Where the keys come from that GitHub signs with: a list that was read at the start, or a URL that is asked for one. */
export type GithubKeyList = { readonly keys: GithubKeyMap } | { readonly url: string };

/** How long a list is taken for the newest, and how long it is used when no newer one can be had. */
const FRESH_MS = HOUR_MS;
const KEPT_MS = DAY_MS;

/** How long after it was asked it is asked again: after a failure, and for a key that it did not have. */
const RETRY_MS = 10 * SECOND_MS;
const UNKNOWN_MS = 5 * MINUTE_MS;

/** For the answer. A list of GitHub's has some 500 bytes. */
const ANSWER_LIMIT_MS = 5 * SECOND_MS;
const ANSWER_MAX_BYTES = 64_000;

/** The keys that GitHub signs its reports with, looked up by their identifiers. */
export class GithubKeys {
  readonly #find: (id: string) => Promise<GithubKeyMap>;

  constructor(list: GithubKeyList, clock: Clock, onFailure: (error: unknown) => void) {
    if ('keys' in list) {
      this.#find = async () => list.keys;
      return;
    }
    const kept = new KeptAnswer(clock, {
      name: 'The keys of GitHub',
      ask: () => fetchKeys(list.url),
      freshMs: FRESH_MS,
      keptMs: KEPT_MS,
      retryMs: RETRY_MS,
      unknownMs: UNKNOWN_MS,
      isUnknownLater: true,
      isOldGivenAtOnce: true,
      onFailure,
    });
    this.#find = (id) => kept.find((keys) => keys.has(id));
  }

  /**
   * The key with an identifier; null: no current key has it, by a list that came since this was called. One that is known
   * waits for nothing. Throws UNAVAILABLE when no list can be had, or may be asked for.
   */
  async find(id: string): Promise<KeyObject | null> {
    return (await this.#find(id)).get(id) ?? null;
  }
}

async function fetchKeys(url: string): Promise<GithubKeyMap> {
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const keys = readGithubKeys(await getText({ url, maxBytes: ANSWER_MAX_BYTES, signal }));
  if (keys === null) throw new Error('The answer is no list of current keys.');
  return keys;
}
