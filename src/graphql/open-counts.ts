import { networkOf } from '../accounts/network.ts';
import { identityOf, type Caller } from '../domain/caller.ts';
import { rateLimited } from '../domain/request-error.ts';
import type { Cancel } from '../store/clock.ts';

/** The most that an address (for IPv6 its /64 network) and a caller may have open at once on this node. */
export interface OpenLimits {
  readonly socketsPerAddress: number;
  readonly socketsPerCaller: number;
  readonly subscriptionsPerAddress: number;
  readonly subscriptionsPerCaller: number;
}

type OpenLimit = keyof OpenLimits;

const messageStarts: Readonly<Record<OpenLimit, string>> = {
  socketsPerAddress: 'Too many sockets of this address',
  socketsPerCaller: 'Too many sockets of this caller',
  subscriptionsPerAddress: 'Too many subscriptions of this address',
  subscriptionsPerCaller: 'Too many subscriptions of this caller',
};

/** Sent as Retry-After. When a slot frees up is unknown, so the value only keeps retries from becoming a flood. */
const RETRY_AFTER_MS = 10_000;

/**
 * Counts open sockets and subscriptions against their limits. Each `count…` method adds 1 and returns a function
 * that subtracts it again; only the first call of that function counts. At a limit the method throws RATE_LIMITED and
 * adds nothing.
 */
export class OpenCounts {
  readonly #limits: OpenLimits;
  readonly #onRefused: (limit: OpenLimit) => void;
  readonly #counts: Readonly<Record<OpenLimit, Map<string, number>>> = {
    socketsPerAddress: new Map(),
    socketsPerCaller: new Map(),
    subscriptionsPerAddress: new Map(),
    subscriptionsPerCaller: new Map(),
  };
  #subscriptionCount = 0;

  constructor(limits: OpenLimits, onRefused: (limit: OpenLimit) => void) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  /** Counts a socket for its address, from the handshake on, before its caller is known. */
  countSocket(address: string): Cancel {
    return this.#add('socketsPerAddress', networkOf(address));
  }

  /** Counts a socket for its caller, once it is authenticated. */
  countAuthenticatedSocket(caller: Caller): Cancel {
    return this.#add('socketsPerCaller', callerKeyOf(caller));
  }

  countSubscription({ address, caller }: { readonly address: string; readonly caller: Caller }): Cancel {
    const closeForAddress = this.#add('subscriptionsPerAddress', networkOf(address));
    try {
      const closeForCaller = this.#add('subscriptionsPerCaller', callerKeyOf(caller));
      this.#subscriptionCount += 1;
      return once(() => {
        this.#subscriptionCount -= 1;
        closeForAddress();
        closeForCaller();
      });
    } catch (error) {
      closeForAddress();
      throw error;
    }
  }

  subscriptionCount(): number {
    return this.#subscriptionCount;
  }

  #add(limit: OpenLimit, subject: string): Cancel {
    const counts = this.#counts[limit];
    const count = counts.get(subject) ?? 0;
    if (count >= this.#limits[limit]) {
      this.#onRefused(limit);
      throw rateLimited(
        `${messageStarts[limit]}: found ${count} open; at most ${this.#limits[limit]} are accepted.`,
        RETRY_AFTER_MS,
      );
    }
    counts.set(subject, count + 1);
    return once(() => {
      const rest = (counts.get(subject) ?? 1) - 1;
      // Keep no entry for subjects that have nothing open.
      if (rest === 0) counts.delete(subject);
      else counts.set(subject, rest);
    });
  }
}

function callerKeyOf(caller: Caller): string {
  return caller.kind === 'ANONYMOUS' ? caller.kind : identityOf(caller);
}

function once(run: () => void): Cancel {
  let hasRun = false;
  return () => {
    if (hasRun) return;
    hasRun = true;
    run();
  };
}
