import type { Client } from 'urql';
import { createApiClient, isUnauthenticated, readOutcome } from '../api/client.ts';
import type { LiveSource } from '../live/live-context.ts';
import { LiveEvents } from '../live/live-events.ts';
import type { ShownOnce, ShownOnceStore } from '../parts/shown-once.tsx';
import { ObservableValue } from '../shell/observable-value.ts';
import { exchangeCode, takeCode } from './exchange-code.ts';
import { PolledChanges } from './polled-changes.ts';
import { messageOfError, outcomeOfResponse, whyUnreachable, withToken } from './portal-requests.ts';
import { PortalCursorQuery, PortalQuery, type PortalRights } from './portal-query.ts';

/** Returns a new token of the customer’s session, from the backend of the page. */
export type FetchToken = () => Promise<string>;

export interface OpenPortal {
  readonly rights: PortalRights;
  readonly client: Client;
  readonly live: LiveSource;
}

/** Whether the page has a session of its customer. FAILED may succeed later; ENDED needs the page, or the customer, to act. */
export type PortalState =
  | { readonly kind: 'WAITING' }
  | { readonly kind: 'FAILED'; readonly message: string }
  | { readonly kind: 'ENDED'; readonly message: string }
  | { readonly kind: 'OPEN'; readonly portal: OpenPortal };

interface AccessOptions {
  /** The address of the gateway, without a slash at the end. */
  readonly gateway: string;
  readonly token: string | null;
  readonly fetchToken: FetchToken | null;
  /** Whether only the code of a link leads to a token: the page around it has no other. */
  readonly isByLink: boolean;
  /** Called when the page needs another session that it cannot get by itself. */
  readonly onEnd: (reason: string) => void;
}

/** A new token is fetched this long before the present one ends. */
const AHEAD_MS = 60_000;

/** Tokens are fetched at most once in this time, also if the clock of the computer is wrong or a session is very short. */
const RENEWAL_MS_MIN = 30_000;

/** How long a renewal waits that the gateway has not answered. */
const RETRY_MS = 10_000;

const endMessages: Readonly<Record<string, string>> = {
  SESSION_ENDED: 'Your session is over. Load this page again.',
  PORTAL_SESSION_ENDED: 'Your session was ended. Sign in again to see your keys.',
  LINK: 'This link was used before, or is too old. Go back to where you came from, and open your keys again.',
};

const OTHER_END = 'This page may not show your keys. Go back to where you came from, and open your keys again.';

/**
 * The access of an element to the keys of its customer. The token is here alone: in no attribute, address, cookie or storage. Before
 * it ends a new one is fetched, if the page says how.
 */
export class PortalAccess {
  readonly state = new ObservableValue<PortalState>({ kind: 'WAITING' });
  /** The secret that is shown to the customer now. It stays when the session ends, and goes when another customer comes. */
  readonly shownOnce: ShownOnceStore = new ObservableValue<ShownOnce | null>(null);
  #customerId: string | null = null;
  readonly #options: AccessOptions;
  #token: string | null;
  #code: string | null = null;
  #fetchToken: FetchToken | null;
  #fetching: Promise<boolean> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the session of the token ends; null: it is not known yet, or there is none. */
  #expiresAtMs: number | null = null;
  /** How often a session was opened: what an earlier opening finds no longer counts. */
  #openings = 0;
  #isStopped = false;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#fetchToken = options.fetchToken;
  }

  /** Takes the code of the address if there is one, and opens the session if there is a way to a token. */
  start(): void {
    this.#code = takeCode();
    if (this.#code !== null || this.#token !== null || this.#fetchToken !== null) void this.open();
    else if (this.#options.isByLink) this.#end('LINK');
  }

  stop(): void {
    this.#isStopped = true;
    this.#token = null;
    this.#close();
  }

  /** Goes on with a token that the page has got. */
  setToken(token: string): void {
    this.#token = token;
    if (this.state.get().kind !== 'OPEN') this.state.set({ kind: 'WAITING' });
    void this.open();
  }

  setFetchToken(fetchToken: FetchToken): void {
    this.#fetchToken = fetchToken;
    if (this.#expiresAtMs !== null) this.#planRenewal(this.#expiresAtMs);
    else if (this.#token === null && this.#code === null) void this.open();
  }

  /**
   * Opens the session of the token. What is shown stays if the customer and the rights are the same, and if the gateway does not
   * answer to a renewal.
   */
  async open(isRenewal = false): Promise<void> {
    this.#openings += 1;
    const opening = this.#openings;
    const isOver = () => this.#isStopped || opening !== this.#openings;
    const fail = (message: string) =>
      isRenewal && this.state.get().kind === 'OPEN' ? this.#retryLater() : this.#fail(message);
    try {
      if (!(await this.#obtainToken())) return;
      const client = createApiClient({
        url: `${this.#options.gateway}/graphql`,
        send: this.#send,
        onSessionEnd: (outcome) => this.#end(outcome),
        onMutation: () => this.#readAgain(),
      });
      const result = await client.query(PortalQuery, {}).toPromise();
      if (isOver() || (result.error !== undefined && isUnauthenticated(result.error))) return;
      const { data, problem } = readOutcome(result);
      if (problem !== null) return fail(result.error?.networkError == null ? problem : whyUnreachable());
      if (data.portalSession == null) return this.#end('OTHER');
      this.#show(data.portalSession, client, data.logCursor);
    } catch (error) {
      if (!isOver()) fail(error instanceof TypeError ? whyUnreachable() : messageOfError(error));
    }
  }

  /** What the customer has changed is shown also to a session that may not follow events, or has lost its connection. */
  #readAgain(): void {
    const state = this.state.get();
    if (state.kind === 'OPEN') state.portal.live.tellGap();
  }

  #show(rights: PortalRights, client: Client, cursor: string): void {
    this.#planRenewal(Date.parse(rights.expiresAt));
    if (rights.subject.id !== this.#customerId) this.shownOnce.set(null);
    this.#customerId = rights.subject.id;
    const state = this.state.get();
    if (state.kind === 'OPEN' && isSame(state.portal.rights, rights)) return;
    if (state.kind === 'OPEN') state.portal.live.stop();
    const live = rights.may.includes('EVENTS') ? this.#follow(client, cursor) : new PolledChanges();
    this.state.set({ kind: 'OPEN', portal: { rights, client, live } });
  }

  #follow(client: Client, cursor: string): LiveEvents {
    const readCursor = async () => {
      const result = await client.query(PortalCursorQuery, {}, { requestPolicy: 'network-only' }).toPromise();
      const { data, problem } = readOutcome(result);
      if (problem !== null) throw new Error(problem);
      return data.logCursor;
    };
    return new LiveEvents({
      cursor,
      readCursor,
      url: `${this.#options.gateway.replace(/^http/, 'ws')}/graphql`,
      connectionParams: () => ({ authorization: `Bearer ${this.#token ?? ''}` }),
      // A request finds out why the connection was ended, and renews the token if its time was over.
      mayReturn: async () => {
        await readCursor().catch(() => undefined);
        return !this.#isStopped && this.state.get().kind === 'OPEN';
      },
      onSessionEnd: () => {},
    });
  }

  /** Returns whether there is a token now. */
  async #obtainToken(): Promise<boolean> {
    if (this.#code !== null) {
      const token = await exchangeCode(this.#options.gateway, this.#code);
      this.#code = null;
      this.#token = token ?? this.#token;
      if (this.#token === null && this.#fetchToken === null) this.#end('LINK');
    }
    return this.#token !== null || (await this.#renewToken(null));
  }

  /** Sends a request with the token; if its time is over, or the page has replaced it meanwhile, once more with the new one. */
  readonly #send: typeof fetch = async (input, init) => {
    const token = this.#token;
    const response = await fetch(input, withToken(init, token));
    if (response.status !== 401) return response;
    const isOver = this.#token !== token || (await outcomeOfResponse(response)) === 'SESSION_ENDED';
    if (!isOver || !(await this.#renewToken(token))) return response;
    const again = await fetch(input, withToken(init, this.#token));
    // The new session may be of another customer, or have other rights.
    if (again.ok) void this.open(true);
    return again;
  };

  /** Fetches another token in place of one that is over. Returns whether there is another one. */
  async #renewToken(token: string | null): Promise<boolean> {
    if (this.#token !== token) return this.#token !== null;
    if (this.#fetchToken === null) return false;
    return (this.#fetching ??= this.#fetch(this.#fetchToken));
  }

  async #fetch(fetchToken: FetchToken): Promise<boolean> {
    try {
      this.#token = await fetchToken();
      return true;
    } catch {
      throw new Error('This page could not start a session for you.');
    } finally {
      this.#fetching = null;
    }
  }

  #planRenewal(expiresAtMs: number): void {
    this.#expiresAtMs = expiresAtMs;
    clearTimeout(this.#timer);
    if (this.#fetchToken === null) return;
    const renew = async () => {
      if (await this.#renewToken(this.#token)) await this.open(true);
    };
    // If it fails, the first refused request tries again.
    const wait = Math.max(RENEWAL_MS_MIN, expiresAtMs - Date.now() - AHEAD_MS);
    this.#timer = setTimeout(() => void renew().catch(() => undefined), wait);
  }

  #retryLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.open(true), RETRY_MS);
  }

  #fail(message: string): void {
    this.#close();
    this.state.set({ kind: 'FAILED', message });
  }

  #end(outcome: string): void {
    if (this.#isStopped || this.state.get().kind === 'ENDED') return;
    this.#token = null;
    this.#close();
    this.state.set({ kind: 'ENDED', message: endMessages[outcome] ?? OTHER_END });
    this.#options.onEnd(outcome);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#expiresAtMs = null;
    const state = this.state.get();
    if (state.kind === 'OPEN') state.portal.live.stop();
  }
}

function isSame(shown: PortalRights, rights: PortalRights): boolean {
  const read = ({ may, issuableScopes, subject }: PortalRights) => JSON.stringify([may, issuableScopes, subject]);
  return read(shown) === read(rights);
}
