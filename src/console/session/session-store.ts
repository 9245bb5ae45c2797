import { cacheExchange, type Client } from 'urql';
import { createApiClient, isUnauthenticated, errorMessageOf, noteRequestId, readOutcome } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';
import type { ViewerOfPageQuery } from '../api/operations.ts';
import { LiveEvents } from '../live/live-events.ts';
import { ObservableValue } from '../shell/observable-value.ts';
import { passwordQuestion } from './password-again.ts';
import type { OpenSession, SignedInAccount } from './session-context.ts';

/** NONE has a notice if a session was open in this page and has ended without the person's doing. */
export type SessionState =
  | { readonly kind: 'UNKNOWN' }
  | { readonly kind: 'FAILED'; readonly message: string }
  | { readonly kind: 'NONE'; readonly notice: string | null }
  | { readonly kind: 'OPEN'; readonly session: OpenSession };

const ViewerQuery = graphql(`
  query ViewerOfPage {
    viewer {
      ... on Account {
        id
        name
        isAdministrator
      }
    }
    logCursor
  }
`);

const CursorQuery = graphql(`
  query EndOfLog {
    logCursor
  }
`);

const SESSION_PATH = '/session';
const CONFIRM_PATH = '/session/confirm';

const SESSION_ENDED = 'Your session has ended. Sign in again.';

/** The session of this page. Only its cookie carries the credential, which no script can read. */
export const sessionState = new ObservableValue<SessionState>({ kind: 'UNKNOWN' });

/** Finds out whether the browser has a session. */
export async function restoreSession(): Promise<void> {
  const onSessionEnd = () => {
    const state = sessionState.get();
    // A late response to a request of an earlier session must not close the present one.
    if (state.kind === 'OPEN' && state.session.client === client) closeSession(SESSION_ENDED);
  };
  const client = createApiClient({ onSessionEnd, cache: cacheExchange });
  const { data, error } = await client.query(ViewerQuery, {}).toPromise();
  if (error !== undefined) {
    if (isUnauthenticated(error)) sessionState.set({ kind: 'NONE', notice: null });
    else sessionState.set({ kind: 'FAILED', message: errorMessageOf(error) });
    return;
  }
  const account = accountOf(data);
  if (data == null || account === null) {
    sessionState.set({ kind: 'NONE', notice: null });
    return;
  }
  const live = new LiveEvents({ cursor: data.logCursor, readCursor: () => readCursor(client), onSessionEnd });
  live.listen((change) => {
    if (change === 'GAP' || change.type === 'ACCOUNT_ADMINISTRATOR_CHANGED' || change.type === 'ACCOUNT_UPDATED')
      void readAccountAgain(client);
  });
  sessionState.set({ kind: 'OPEN', session: { account, client, live } });
}

/** Reads the account of the open session again, so that the pages offer what it may do from now on. */
async function readAccountAgain(client: Client): Promise<void> {
  const { data } = await client.query(ViewerQuery, {}, { requestPolicy: 'network-only' }).toPromise();
  const account = accountOf(data);
  const state = sessionState.get();
  if (account === null || state.kind !== 'OPEN' || state.session.client !== client) return;
  const { account: before } = state.session;
  if (account.isAdministrator === before.isAdministrator && account.name === before.name) return;
  sessionState.set({ kind: 'OPEN', session: { ...state.session, account } });
}

function accountOf(data: ViewerOfPageQuery | null | undefined): SignedInAccount | null {
  const { id, name, isAdministrator }: Partial<SignedInAccount> = data?.viewer ?? {};
  return id === undefined || name === undefined ? null : { id, name, isAdministrator: isAdministrator === true };
}

/** Signs in. Returns what is wrong, for people; null: the session is open. */
export async function startPageSession(email: string, password: string): Promise<string | null> {
  try {
    const response = await send('POST', SESSION_PATH, { email, password });
    if (response.ok) {
      await restoreSession();
      return sessionState.get().kind === 'NONE' ? whyNoCookie() : null;
    }
    return await whyRefused(response);
  } catch {
    return 'The gateway cannot be reached.';
  }
}

/** Ends the session, in all pages of this browser. Returns what is wrong, for people; null: the session has ended. */
export async function endPageSession(): Promise<string | null> {
  try {
    const response = await send('DELETE', SESSION_PATH);
    if (!response.ok) return await whyRefused(response);
    closeSession(null);
    return null;
  } catch {
    return 'The gateway cannot be reached.';
  }
}

/**
 * Proves to the gateway that the person of the session is at the page: it may then make changes that outlive it, for 5 minutes.
 * Returns what is wrong, for people; null: the gateway accepts the password.
 */
export async function confirmPassword(password: string): Promise<string | null> {
  try {
    const response = await send('POST', CONFIRM_PATH, { password });
    if (response.ok) return null;
    if (response.status === 401) closeSession(SESSION_ENDED);
    return await whyRefused(response);
  } catch {
    return 'The gateway cannot be reached.';
  }
}

/** Returns what a refusal says to people. A proxy in front of the gateway may send one of another form. */
async function whyRefused(response: Response): Promise<string> {
  const fallback = `The gateway answered ${String(response.status)}.`;
  try {
    const { detail } = (await response.json()) as { readonly detail?: string };
    return detail ?? fallback;
  } catch {
    return fallback;
  }
}

function closeSession(notice: string | null): void {
  const state = sessionState.get();
  if (state.kind !== 'OPEN') return;
  state.session.live.stop();
  passwordQuestion.get()?.answer(false);
  sessionState.set({ kind: 'NONE', notice });
}

/** A browser refuses the cookie where the connection could be read by others. */
function whyNoCookie(): string {
  return window.isSecureContext
    ? 'This browser did not store the session. Allow cookies of this site and sign in again.'
    : 'This browser stores no session over http. Open the console by https.';
}

async function send(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  return noteRequestId(await fetch(path, init));
}

async function readCursor(client: Client): Promise<string> {
  const result = await client.query(CursorQuery, {}, { requestPolicy: 'network-only' }).toPromise();
  const { data, problem } = readOutcome(result);
  if (problem !== null) throw new Error(problem);
  return data.logCursor;
}
