import type { Event } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import type { EventFilter } from '../../log/event-query.ts';
import type { CredentialWatch } from '../credential-watch.ts';

/** The credential and the end of a running subscription. */
export interface LiveSubscription {
  readonly watch: CredentialWatch;
  /** Aborts when the credential has ended, the connection has closed or the caller has unsubscribed. */
  readonly signal: AbortSignal;
}

/** The events that a subscription selects. */
export interface EventSelection {
  readonly filter: EventFilter;
  matches(caller: Caller, event: Event): Promise<boolean>;
}

/** Lets a subscription receive events together with identical subscriptions. */
export interface SharedSubscription {
  /** Joins the group, and resolves with the position from which the subscription continues by itself. */
  join(position: bigint, live: LiveSubscription, events: EventSelection): Promise<bigint>;
}

interface Connection {
  /** Opens a watch on the credential. */
  readonly openWatch: () => CredentialWatch;
  /** The Last-Event-ID header: the cursor of the last server-sent event that the client received. */
  readonly lastEventId?: string | undefined;
  /** Only over a socket: lets the subscription receive events together with identical subscriptions. */
  readonly shared?: SharedSubscription | undefined;
}

/** What only a subscription needs: its connection to the client, and how far it has come. Other operations ignore it. */
export class SubscriptionState {
  readonly lastEventId: string | undefined;
  readonly shared: SharedSubscription | undefined;
  /** The event whose result is being sent. Results are sent one at a time. */
  currentEvent: Event | null = null;
  /** Whether the last result was incomplete because the database was unavailable. */
  isIncomplete = false;
  readonly #openWatch: () => CredentialWatch;
  #watch: CredentialWatch | null = null;

  constructor({ openWatch, lastEventId, shared }: Connection) {
    this.#openWatch = openWatch;
    this.lastEventId = lastEventId;
    this.shared = shared;
  }

  /** Returns the watch on the credential. The first call opens it. */
  watchCredential(): CredentialWatch {
    this.#watch ??= this.#openWatch();
    return this.#watch;
  }

  /** The caller as of the last authentication by the watch. Null: no watch is open. */
  get liveCaller(): Caller | null {
    return this.#watch?.caller ?? null;
  }
}
