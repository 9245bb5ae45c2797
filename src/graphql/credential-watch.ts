import type { Event } from '../../prisma/generated/client/client.ts';
import {
  authenticate,
  credentialEnd,
  type Authenticated,
  type AuthenticationServices,
  type CredentialEnd,
} from '../accounts/authenticate.ts';
import type { Caller } from '../domain/caller.ts';
import type { Follower } from '../log/follower.ts';
import type { Cancel } from '../store/clock.ts';

/** What a credential is looked at again for, when the database could not be asked. */
const RETRY_MS = 1_000;

type WatchServices = AuthenticationServices & { readonly follower: Follower };

/**
 * Watches the credential of a long-lived request. Each event that may touch it makes it be proved again, the same way as
 * the first time; so does the moment at which it ends by time. What comes after its end in the log is never let through.
 */
export class CredentialWatch {
  readonly #services: WatchServices;
  readonly #authorization: string | null;
  readonly #address: string;
  readonly #ended = new AbortController();
  readonly #stopWatching: Cancel;
  #authenticated: Authenticated;
  #timer: Cancel | null = null;
  #end: CredentialEnd | null = null;

  constructor(
    services: WatchServices,
    {
      authorization,
      address,
      authenticated,
    }: { authorization: string | null; address: string; authenticated: Authenticated },
  ) {
    this.#services = services;
    this.#authorization = authorization;
    this.#address = address;
    this.#authenticated = authenticated;
    this.#stopWatching = services.follower.watch((events) => {
      if (events.some((event) => concerns(event, this.caller))) void this.#proveAgain();
    });
    this.#setTimer();
  }

  /** Who asks, as of the last proof. */
  get caller(): Caller {
    return this.#authenticated.caller;
  }

  /** Aborts when the credential has ended. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** How it ended; null while it has not. */
  get end(): CredentialEnd | null {
    return this.#end;
  }

  /** Whether an event may still be sent. Events have to be asked about in the log's order. */
  async admits(event: Event): Promise<boolean> {
    const { endsAt } = this.#authenticated;
    if (concerns(event, this.caller) || (endsAt !== null && event.recordedAt >= endsAt)) await this.#proveAgain();
    return !this.signal.aborted;
  }

  close(): void {
    this.#stopWatching();
    this.#timer?.();
    this.#timer = null;
  }

  async #proveAgain(): Promise<void> {
    try {
      this.#authenticated = await authenticate(this.#services, this.#authorization, this.#address);
      this.#setTimer();
    } catch (error) {
      const end = credentialEnd(error);
      if (end === null) this.#setTimer(RETRY_MS);
      else this.#endWith(end);
    }
  }

  #setTimer(atLeastMs = 0): void {
    this.#timer?.();
    const { endsAt } = this.#authenticated;
    if (endsAt === null || this.signal.aborted) return;
    const ms = Math.max(atLeastMs, endsAt.getTime() - this.#services.clock.now().getTime());
    this.#timer = this.#services.clock.after(ms, () => void this.#proveAgain());
  }

  #endWith(end: CredentialEnd): void {
    if (this.signal.aborted) return;
    this.#end = end;
    this.close();
    this.#ended.abort(end);
  }
}

/** Whether an event may have changed what a credential is good for. */
function concerns(event: Event, caller: Caller): boolean {
  if (caller.kind === 'KEY') return event.keyId === caller.id;
  if (caller.kind === 'ANONYMOUS') return false;
  const subject = (event.data as { accountId?: unknown }).accountId;
  return (event.ownerId === caller.id && event.keyId === null) || subject === caller.id;
}
