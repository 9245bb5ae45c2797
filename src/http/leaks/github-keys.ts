import type { KeyObject } from 'node:crypto';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { getText } from '../../outbound/get-text.ts';
import { RefreshingCache } from '../../outbound/refreshing-cache.ts';
import type { Clock } from '../../store/clock.ts';
import { parseGithubKeys, type GithubKeyMap } from './parse-github-keys.ts';

/** Where GitHub's signing keys come from: a list that was read at start, or the URL of the list. */
export type GithubKeyList = { readonly keys: GithubKeyMap } | { readonly url: string };

/** A list is used for an hour, and for a day if no newer list can be fetched (stale-if-error). */
const MAX_AGE_MS = HOUR_MS;
const STALE_IF_ERROR_MS = DAY_MS;

/** Cooldowns before the next fetch: after a failed fetch, and after a list that lacked the wanted key. */
const FAILURE_COOLDOWN_MS = 10 * SECOND_MS;
const MISS_COOLDOWN_MS = 5 * MINUTE_MS;

/** Limits of the response. GitHub's list has about 500 bytes. */
const FETCH_TIMEOUT_MS = 5 * SECOND_MS;
const RESPONSE_MAX_BYTES = 64_000;

/** Finds the keys that GitHub signs its reports with, by identifier. */
export class GithubKeys {
  readonly #find: (id: string) => Promise<GithubKeyMap>;

  constructor(list: GithubKeyList, clock: Clock, onFailure: (error: unknown) => void) {
    if ('keys' in list) {
      this.#find = async () => list.keys;
      return;
    }
    const cache = new RefreshingCache(clock, {
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
    this.#find = (id) => cache.find((keys) => keys.has(id));
  }

  /**
   * Returns the key with an identifier. A known identifier never waits for a fetch. Returns null if a list that was
   * fetched after this call began has no current key with that identifier. Throws UNAVAILABLE if no list can be
   * fetched, or if a cooldown forbids a fetch.
   */
  async find(id: string): Promise<KeyObject | null> {
    return (await this.#find(id)).get(id) ?? null;
  }
}

async function fetchKeys(url: string): Promise<GithubKeyMap> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const keys = parseGithubKeys(await getText({ url, maxBytes: RESPONSE_MAX_BYTES, signal }));
  if (keys === null) throw new Error('The response is not a list of current keys.');
  return keys;
}
