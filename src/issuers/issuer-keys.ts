import { LRUCache } from 'lru-cache';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import { RefreshingCache } from '../outbound/refreshing-cache.ts';
import type { Clock } from '../store/clock.ts';
import { fetchKeySet, type IssuerKeySet } from './fetch-key-set.ts';

/** How long keys are taken for the newest, and how long they are used when no newer ones can be had. */
const MAX_AGE_MS = HOUR_MS;
const STALE_IF_ERROR_MS = DAY_MS;

/** An issuer is asked at most so often, whatever comes. */
const FETCH_COOLDOWN_MS = MINUTE_MS;

/** Of how many issuers the keys are kept. */
const CACHED_ISSUERS_MAX = 1_000;

export interface IssuerKeysOptions {
  readonly addresses: SsrfGuard;
  /** How long an issuer has to answer, in all. */
  readonly timeoutMs: number;
  readonly onFailure: (issuer: string, error: unknown) => void;
}

/** The keys of issuers that are found by discovery, each by itself: one that does not answer keeps no other waiting. */
export class IssuerKeys {
  readonly #clock: Clock;
  readonly #options: IssuerKeysOptions;
  readonly #kept = new LRUCache<string, RefreshingCache<IssuerKeySet>>({ max: CACHED_ISSUERS_MAX });

  constructor(clock: Clock, options: IssuerKeysOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The keys of an issuer, asked for again where none has that `kid`. Throws UNAVAILABLE when none can be had. */
  find(issuer: string, keyId: string | null): Promise<IssuerKeySet> {
    const hasKey = ({ keySet }: IssuerKeySet) => keyId === null || keySet.keys.some(({ kid }) => kid === keyId);
    const known = this.#kept.get(issuer) ?? this.#keep(issuer);
    return known.find(hasKey);
  }

  #keep(issuer: string): RefreshingCache<IssuerKeySet> {
    const { addresses, timeoutMs, onFailure } = this.#options;
    const kept = new RefreshingCache(this.#clock, {
      name: 'The keys of the issuer',
      fetchValue: () => fetchKeySet(issuer, addresses, AbortSignal.timeout(timeoutMs)),
      maxAgeMs: MAX_AGE_MS,
      staleIfErrorMs: STALE_IF_ERROR_MS,
      failureCooldownMs: FETCH_COOLDOWN_MS,
      missCooldownMs: FETCH_COOLDOWN_MS,
      onFailure: (error) => onFailure(issuer, error),
    });
    this.#kept.set(issuer, kept);
    return kept;
  }
}
