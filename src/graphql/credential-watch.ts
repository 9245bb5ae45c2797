import type { Event } from '../../prisma/generated/client/client.ts';
import { credentialEnd, type Authentication, type CredentialEnd } from '../accounts/authenticate.ts';
import type { Caller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { retryWhileUnavailable, pause } from '../log/retry-while-unavailable.ts';
import type { Follower } from '../log/follower.ts';
import type { Cancel, Clock } from '../store/clock.ts';

interface WatchServices {
  readonly clock: Clock;
  readonly follower: Follower;
}

/**
 * Watches the credential of a long-lived request. Each event that may touch it puts it in doubt until it has been proved
 * again; so does the moment at which it ends by time. While it is in doubt nothing is let through, and while the database
 * is away it stays in doubt: what comes after its end in the log is never sent, and it is never ended for want of an
 * answer.
 */
export class CredentialWatch {
  readonly #services: WatchServices;
  readonly #over = new AbortController();
  readonly #stopWatching: Cancel;
  #authenticated: Authentication;
  /** The last proof takes account of the log up to here. */
  #provedTo: bigint;
  /** The newest event that is known to concern the credential. */
  #concernedAt: bigint;
  /** How many proofs were demanded, and up to which of them the last one answers. */
  #demanded = 0;
  #answered = 0;
  #proving: Promise<void> | null = null;
  #timer: Cancel | null = null;
  #end: CredentialEnd | null = null;
  #fault: unknown = null;

  /** `asOf`: what the follower's head was before the credential was proved. */
  constructor(services: WatchServices, authenticated: Authentication, asOf: bigint) {
    this.#services = services;
    this.#authenticated = authenticated;
    this.#provedTo = asOf;
    // What the node has read of the log since the proof began was told to nobody who watches this credential.
    this.#concernedAt = services.follower.head;
    this.#stopWatching = services.follower.watch((events) => {
      if (events.some((event) => this.#note(event))) void this.#settle();
    });
    if (this.#isInDoubt()) void this.#settle();
    this.#setTimer();
  }

  /** Who asks, as of the last proof. */
  get caller(): Caller {
    return this.#authenticated.caller;
  }

  /** Aborts when the credential has ended, or the watch was closed. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** How the credential ended; null while it has not. */
  get end(): CredentialEnd | null {
    return this.#end;
  }

  /** What kept it from being proved, when that is a fault of ours; it is over then too. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Whether an event may still be sent. Events have to be asked about in the log's order. */
  async maySend(event: Event): Promise<boolean> {
    this.#note(event);
    await this.#settle();
    while (!this.signal.aborted && hasCome(this.#authenticated.endsAt, event.recordedAt)) {
      // Committed by a node whose clock is a little ahead: once it is that time here it is known what became of it.
      await pause(this.#services.clock, 1, this.signal);
      await this.#settle();
    }
    return !this.signal.aborted;
  }

  /**
   * Whether all may be sent that the follower has told of, recorded up to a moment that is not before now: where nobody can
   * wait. False also while it is in doubt.
   */
  maySendAll(recordedTo: Date): boolean {
    return !this.signal.aborted && !this.#isConcerned() && !hasCome(this.#authenticated.endsAt, recordedTo);
  }

  /** Proves it afresh, waiting for the database if need be. False: it is over. */
  async revalidate(): Promise<boolean> {
    this.#demanded += 1;
    await this.#settle();
    return !this.signal.aborted;
  }

  /** Who asks, proved this instant. Throws UNAUTHENTICATED when it has ended, or that the database is away. */
  async revalidatedCaller(): Promise<Caller> {
    try {
      return (await this.#authenticated.reauthenticate()).caller;
    } catch (error) {
      const end = credentialEnd(error);
      if (end !== null) this.#finish(end);
      throw error;
    }
  }

  /** Watches no more. */
  close(): void {
    this.#stopWatching();
    this.#timer?.();
    this.#over.abort();
  }

  /** Whether an event concerns the credential; if so it is in doubt until it has been proved with regard to that. */
  #note(event: Event): boolean {
    if (!mayAffectCredential(event, this.caller)) return false;
    if (event.position > this.#concernedAt) this.#concernedAt = event.position;
    return true;
  }

  #isInDoubt(): boolean {
    return this.#isConcerned() || hasCome(this.#authenticated.endsAt, this.#services.clock.now());
  }

  #isConcerned(): boolean {
    return this.#concernedAt > this.#provedTo || this.#demanded > this.#answered;
  }

  /** Resolves when it is not in doubt, or over. One proof at a time, so that an older one never follows a newer one. */
  async #settle(): Promise<void> {
    while (!this.signal.aborted && this.#isInDoubt()) await (this.#proving ??= this.#prove());
  }

  async #prove(): Promise<void> {
    const { clock, follower } = this.#services;
    const provesTo = follower.head > this.#concernedAt ? follower.head : this.#concernedAt;
    const answers = this.#demanded;
    try {
      this.#authenticated = await retryWhileUnavailable(clock, this.signal, () => this.#authenticated.reauthenticate());
      this.#provedTo = provesTo;
      this.#answered = answers;
      this.#setTimer();
    } catch (error) {
      // A fault without an error is one too: a stream that it ended would seem to have come to its good end.
      this.#finish(credentialEnd(error), error ?? new Error('The proof of a credential failed without an error.'));
    } finally {
      this.#proving = null;
    }
  }

  #setTimer(): void {
    this.#timer?.();
    const { endsAt } = this.#authenticated;
    if (endsAt === null || this.signal.aborted) return;
    const ms = Math.max(0, endsAt.getTime() - this.#services.clock.now().getTime());
    this.#timer = this.#services.clock.after(ms, () => void this.#settle());
  }

  #finish(end: CredentialEnd | null, error: unknown = null): void {
    if (this.signal.aborted) return;
    this.#end = end;
    this.#fault = end === null ? error : null;
    this.close();
  }
}

/** Whether an event may have changed what a credential is good for. */
function mayAffectCredential(event: Event, caller: Caller): boolean {
  if (caller.kind === 'KEY') return event.keyId === caller.id;
  if (caller.kind === 'ANONYMOUS') return false;
  const subject = (event.data as { accountId?: unknown }).accountId;
  return (event.ownerId === caller.id && event.keyId === null) || subject === caller.id;
}
