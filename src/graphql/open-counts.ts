import { networkOf } from '../accounts/network.ts';
import type { Caller } from '../domain/caller.ts';
import { rateLimited } from '../domain/request-error.ts';
import type { Cancel } from '../store/clock.ts';

/** How many one address (of IPv6: its /64 network) and one caller may have open at once on a node. */
export interface OpenLimits {
  readonly socketsPerAddress: number;
  readonly socketsPerCaller: number;
  readonly subscriptionsPerAddress: number;
  readonly subscriptionsPerCaller: number;
}

type OpenLimit = keyof OpenLimits;

const messageStarts: Readonly<Record<OpenLimit, string>> = {
  socketsPerAddress: 'This address has as many sockets open',
  socketsPerCaller: 'This caller has as many sockets open',
  subscriptionsPerAddress: 'This address has as many subscriptions',
  subscriptionsPerCaller: 'This caller has as many subscriptions',
};

/** Nobody knows when one of them ends: long enough that those who come back are no flood. */
const RETRY_AFTER_MS = 10_000;

/**
 * Counts what is open. Each method counts one more until what it answers is called, which may be called twice; it throws
 * RATE_LIMITED, and counts nothing, where as many are open as may be.
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

  /** A socket, from its handshake on: it is not known yet whose it is. */
  countSocket(address: string): Cancel {
    return this.#add('socketsPerAddress', networkOf(address));
  }

  /** A socket that has told whose it is. */
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

  /** How many subscriptions there are. */
  subscriptionCount(): number {
    return this.#subscriptionCount;
  }

  #add(limit: OpenLimit, subject: string): Cancel {
    const counts = this.#counts[limit];
    const count = counts.get(subject) ?? 0;
    if (count >= this.#limits[limit]) {
      this.#onRefused(limit);
      throw rateLimited(`${messageStarts[limit]} as are accepted, ${this.#limits[limit]}.`, RETRY_AFTER_MS);
    }
    counts.set(subject, count + 1);
    return once(() => {
      const rest = (counts.get(subject) ?? 1) - 1;
      // Memory is for what is open.
      if (rest === 0) counts.delete(subject);
      else counts.set(subject, rest);
    });
  }
}

function callerKeyOf(caller: Caller): string {
  return caller.kind === 'ANONYMOUS' ? caller.kind : caller.id;
}

function once(run: () => void): Cancel {
  let hasRun = false;
  return () => {
    if (hasRun) return;
    hasRun = true;
    run();
  };
}
