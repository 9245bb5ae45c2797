import type { KeyObject } from 'node:crypto';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { getText } from '../../outbound/get-text.ts';
import { RefreshingCache } from '../../outbound/refreshing-cache.ts';
import type { Clock } from '../../store/clock.ts';
import { parseGithubKeys, type GithubKeyMap } from './parse-github-keys.ts';

/** Where the keys come from that GitHub signs with: a list that was read at the start, or a URL that is asked for one. */
export type GithubKeyList = { readonly keys: GithubKeyMap } | { readonly url: string };

/** How long a list is taken for the newest, and how long it is used when no newer one can be had. */
const MAX_AGE_MS = HOUR_MS;
const STALE_IF_ERROR_MS = DAY_MS;

/** How long after it was asked it is asked again: after a failure, and for a key that it did not have. */
const FAILURE_COOLDOWN_MS = 10 * SECOND_MS;
const MISS_COOLDOWN_MS = 5 * MINUTE_MS;

/** For the answer. A list of GitHub's has some 500 bytes. */
const FETCH_TIMEOUT_MS = 5 * SECOND_MS;
const RESPONSE_MAX_BYTES = 64_000;

/** The keys that GitHub signs its reports with, looked up by their identifiers. */
export class GithubKeys {
  readonly #find: (id: string) => Promise<GithubKeyMap>;

  constructor(list: GithubKeyList, clock: Clock, onFailure: (error: unknown) => void) {
    if ('keys' in list) {
      this.#find = async () => list.keys;
      return;
    }
    const kept = new RefreshingCache(clock, {
      name: 'The keys of GitHub',
      fetchValue: () => fetchKeys(list.url),
      maxAgeMs: MAX_AGE_MS,
      staleIfErrorMs: STALE_IF_ERROR_MS,
      failureCooldownMs: FAILURE_COOLDOWN_MS,
      missCooldownMs: MISS_COOLDOWN_MS,
      isMissUnavailable: true,
      staleWhileRevalidate: true,
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
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const keys = parseGithubKeys(await getText({ url, maxBytes: RESPONSE_MAX_BYTES, signal }));
  if (keys === null) throw new Error('The answer is no list of current keys.');
  return keys;
}
