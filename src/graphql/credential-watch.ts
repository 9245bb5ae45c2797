import type { Event } from '../../prisma/generated/client/client.ts';
import { credentialEnd, type Authentication, type CredentialEnd } from '../accounts/authentication.ts';
import type { Caller, PortalCaller } from '../domain/caller.ts';
import { hasCome } from '../domain/key.ts';
import { retryWhileUnavailable, pause } from '../log/retry-while-unavailable.ts';
import type { Follower } from '../log/follower.ts';
import type { Cancel, Clock } from '../store/clock.ts';

interface WatchServices {
  readonly clock: Clock;
  readonly follower: Follower;
}

/**
 * Watches the credential of a long-lived request. The credential is in doubt after an event that may affect it and
 * after its expiry, until it has been authenticated again. While it is in doubt nothing is sent. While the database is
 * unavailable it stays in doubt. So no event that follows the credential's end in the log is ever sent. An outage
 * of the database does not end the credential.
 */
export class CredentialWatch {
  readonly #services: WatchServices;
  readonly #abort = new AbortController();
  readonly #stopWatching: Cancel;
  #authenticated: Authentication;
  /** The log position that the last authentication takes account of. */
  #checkedTo: bigint;
  /** The position of the newest event that may affect the credential. */
  #affectedAt: bigint;
  /** How many revalidations were requested, and how many of these the last authentication covers. */
  #requestedCount = 0;
  #coveredCount = 0;
  #pending: Promise<void> | null = null;
  #timer: Cancel | null = null;
  #end: CredentialEnd | null = null;
  #fault: unknown = null;

  /** `asOf` is the follower's head from before the credential was authenticated. */
  constructor(services: WatchServices, authenticated: Authentication, asOf: bigint) {
    this.#services = services;
    this.#authenticated = authenticated;
    this.#checkedTo = asOf;
    // Events that the node has read since then were not seen by this watch: any of them may affect the credential.
    this.#affectedAt = services.follower.head;
    this.#stopWatching = services.follower.watch((events) => {
      if (events.some((event) => this.#note(event))) void this.#settle();
    });
    if (this.#isInDoubt()) void this.#settle();
    this.#setTimer();
  }

  /** The caller, as of the last authentication. */
  get caller(): Caller {
    return this.#authenticated.caller;
  }

  /** Aborts when the credential has ended or the watch is closed. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** How the credential ended. Null: it has not. */
  get end(): CredentialEnd | null {
    return this.#end;
  }

  /** The internal error that stopped authentication and ended the watch. Null: there was none. */
  get fault(): unknown {
    return this.#fault;
  }

  /**
   * Whether an event may be sent to the caller: resolves once the credential is out of doubt. Must be called in the
   * order of the log.
   */
  async maySend(event: Event): Promise<boolean> {
    this.#note(event);
    await this.#settle();
    while (!this.signal.aborted && hasCome(this.#authenticated.endsAt, event.recordedAt)) {
      // The event comes from a node whose clock is slightly ahead of ours: wait until the credential can be checked at
      // that moment.
      await pause(this.#services.clock, 1, this.signal);
      await this.#settle();
    }
    return !this.signal.aborted;
  }

  /**
   * Whether all events that the follower has read may be sent. `recordedTo` is when the latest was recorded, or now if
   * that is later. For callers that cannot wait: false also while the credential is in doubt.
   */
  maySendAll(recordedTo: Date): boolean {
    return !this.signal.aborted && !this.#needsCheck() && !hasCome(this.#authenticated.endsAt, recordedTo);
  }

  /** Authenticates again, waiting for the database if need be. Returns whether the credential is still good. */
  async revalidate(): Promise<boolean> {
    this.#requestedCount += 1;
    await this.#settle();
    return !this.signal.aborted;
  }

  /**
   * Authenticates now and returns the caller.
   *
   * @throws UNAUTHENTICATED when the credential has ended; the database's error when it is unavailable.
   */
  async revalidatedCaller(): Promise<Caller> {
    try {
      return (await this.#authenticated.reauthenticate()).caller;
    } catch (error) {
      const end = credentialEnd(error);
      if (end !== null) this.#finish(end);
      throw error;
    }
  }

  close(): void {
    this.#stopWatching();
    this.#timer?.();
    this.#abort.abort();
  }

  /** Returns whether an event may affect the credential, and if so puts the credential in doubt. */
  #note(event: Event): boolean {
    if (!mayAffectCredential(event, this.caller)) return false;
    if (event.position > this.#affectedAt) this.#affectedAt = event.position;
    return true;
  }

  #isInDoubt(): boolean {
    return this.#needsCheck() || hasCome(this.#authenticated.endsAt, this.#services.clock.now());
  }

  #needsCheck(): boolean {
    return this.#affectedAt > this.#checkedTo || this.#requestedCount > this.#coveredCount;
  }

  /**
   * Resolves when the credential is out of doubt or has ended. Authenticates once at a time, so results come in order.
   */
  async #settle(): Promise<void> {
    while (!this.signal.aborted && this.#isInDoubt()) await (this.#pending ??= this.#authenticate());
  }

  async #authenticate(): Promise<void> {
    const { clock, follower } = this.#services;
    const checksTo = follower.head > this.#affectedAt ? follower.head : this.#affectedAt;
    const covers = this.#requestedCount;
    try {
      this.#authenticated = await retryWhileUnavailable(clock, this.signal, () => this.#authenticated.reauthenticate());
      this.#checkedTo = checksTo;
      this.#coveredCount = covers;
      this.#setTimer();
    } catch (error) {
      // Never null: a stream that ends without an error looks complete.
      this.#finish(credentialEnd(error), error ?? new Error('Authentication failed without an error.'));
    } finally {
      this.#pending = null;
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

/** Whether an event may have changed what the caller's credential allows. */
function mayAffectCredential(event: Event, caller: Caller): boolean {
  if (caller.kind === 'KEY') return event.keyId === caller.id;
  if (caller.kind === 'ANONYMOUS') return false;
  if (caller.kind === 'PORTAL') return mayEndPortalSession(event, caller);
  const subject = (event.data as { accountId?: unknown }).accountId;
  return (event.ownerId === caller.id && event.keyId === null) || subject === caller.id;
}

/** Whether an event is about who made a portal session, its subject, or the origins of its realm. */
function mayEndPortalSession(event: Event, { createdById, subjectId, realmId }: PortalCaller): boolean {
  const { type, keyId, ownerId } = event;
  if (type === 'REALM_UPDATED') return event.realmId === realmId;
  return keyId === createdById || (keyId === null && (ownerId === createdById || ownerId === subjectId));
}
