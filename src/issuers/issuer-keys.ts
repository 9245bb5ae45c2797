import { LRUCache } from 'lru-cache';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import { RefreshingCache } from '../outbound/refreshing-cache.ts';
import type { Clock } from '../store/clock.ts';
import { fetchKeySet, type IssuerKeySet } from './fetch-key-set.ts';

/** How long fetched keys are used without a new fetch, and how long they are used if fetching fails. */
const MAX_AGE_MS = HOUR_MS;
const STALE_IF_ERROR_MS = DAY_MS;

/** The least time between two fetches from one issuer, after a failure or for an unknown `kid`. */
const FETCH_COOLDOWN_MS = MINUTE_MS;

/** How many issuers are cached; the least recently used is evicted. */
const CACHED_ISSUERS_MAX = 1_000;

export interface IssuerKeysOptions {
  readonly addresses: SsrfGuard;
  /** The time limit for one fetch: the discovery document and the key set together. */
  readonly timeoutMs: number;
  readonly onFailure: (issuer: string, error: unknown) => void;
}

/** Caches the keys of issuers that are found by discovery. Each issuer is fetched independently, so a slow one delays no other. */
export class IssuerKeys {
  readonly #clock: Clock;
  readonly #options: IssuerKeysOptions;
  readonly #caches = new LRUCache<string, RefreshingCache<IssuerKeySet>>({ max: CACHED_ISSUERS_MAX });

  constructor(clock: Clock, options: IssuerKeysOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * Returns the keys of an issuer. Fetches them again if none has the given `kid`, at most once a minute.
   *
   * @throws UNAVAILABLE if no usable keys can be had.
   */
  find(issuer: string, keyId: string | null): Promise<IssuerKeySet> {
    const hasKey = ({ keySet }: IssuerKeySet) => keyId === null || keySet.keys.some(({ kid }) => kid === keyId);
    const cache = this.#caches.get(issuer) ?? this.#openCache(issuer);
    return cache.find(hasKey);
  }

  #openCache(issuer: string): RefreshingCache<IssuerKeySet> {
    const { addresses, timeoutMs, onFailure } = this.#options;
    const cache = new RefreshingCache(this.#clock, {
      name: 'The keys of the issuer',
      fetchValue: () => fetchKeySet(issuer, addresses, AbortSignal.timeout(timeoutMs)),
      maxAgeMs: MAX_AGE_MS,
      staleIfErrorMs: STALE_IF_ERROR_MS,
      failureCooldownMs: FETCH_COOLDOWN_MS,
      missCooldownMs: FETCH_COOLDOWN_MS,
      onFailure: (error) => onFailure(issuer, error),
    });
    this.#caches.set(issuer, cache);
    return cache;
  }
}
