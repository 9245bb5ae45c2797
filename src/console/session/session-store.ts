import type { Client } from 'urql';
import { createApiClient, isUnauthenticated, errorMessageOf, noteRequestId } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';
import type { ViewerOfPageQuery } from '../api/operations.ts';
import { LiveEvents } from '../live/live-events.ts';
import { ObservableValue } from '../shell/observable-value.ts';
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
  }
`);

const CursorQuery = graphql(`
  query EndOfLog {
    logCursor
  }
`);

const SESSION_PATH = '/session';

/** The session of this page. Only its cookie carries the credential, which no script can read. */
export const sessionState = new ObservableValue<SessionState>({ kind: 'UNKNOWN' });

/** Finds out whether the browser has a session. */
export async function restoreSession(): Promise<void> {
  const onSessionEnd = () => closeSession('Your session has ended. Sign in again.');
  let isAccepted = false;
  const client = createApiClient(() => {
    if (isAccepted) onSessionEnd();
  });
  const { data, error } = await client.query(ViewerQuery, {}).toPromise();
  if (error !== undefined) {
    if (isUnauthenticated(error)) sessionState.set({ kind: 'NONE', notice: null });
    else sessionState.set({ kind: 'FAILED', message: errorMessageOf(error) });
    return;
  }
  const account = accountOf(data);
  if (account === null) {
    sessionState.set({ kind: 'NONE', notice: null });
    return;
  }
  isAccepted = true;
  const live = new LiveEvents({ readCursor: () => readCursor(client), onSessionEnd });
  sessionState.set({ kind: 'OPEN', session: { account, client, live } });
}

function accountOf(data: ViewerOfPageQuery | undefined): SignedInAccount | null {
  const { id, name, isAdministrator }: Partial<SignedInAccount> = data?.viewer ?? {};
  return id === undefined || name === undefined ? null : { id, name, isAdministrator: isAdministrator === true };
}

/** Signs in. Returns what is wrong, for people; null: the session is open. */
export async function startPageSession(email: string, password: string): Promise<string | null> {
  try {
    const response = await send('POST', { email, password });
    if (response.ok) {
      await restoreSession();
      return sessionState.get().kind === 'NONE' ? whyNoCookie() : null;
    }
    const { detail } = (await response.json()) as { readonly detail?: string };
    return detail ?? `The gateway answered ${String(response.status)}.`;
  } catch {
    return 'The gateway cannot be reached.';
  }
}

/** Ends the session, in all pages of this browser. */
export async function endPageSession(): Promise<void> {
  try {
    await send('DELETE');
  } finally {
    closeSession(null);
  }
}

function closeSession(notice: string | null): void {
  const state = sessionState.get();
  if (state.kind !== 'OPEN') return;
  state.session.live.stop();
  sessionState.set({ kind: 'NONE', notice });
}

/** A browser refuses the cookie where the connection could be read by others. */
function whyNoCookie(): string {
  return window.isSecureContext
    ? 'This browser did not store the session. Allow cookies of this site and sign in again.'
    : 'This browser stores no session over http. Open the console by https.';
}

async function send(method: 'POST' | 'DELETE', body?: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  return noteRequestId(await fetch(SESSION_PATH, init));
}

async function readCursor(client: Client): Promise<string> {
  const { data, error } = await client.query(CursorQuery, {}, { requestPolicy: 'network-only' }).toPromise();
  if (data === undefined) throw error ?? new Error('the log has no end');
  return data.logCursor;
}
