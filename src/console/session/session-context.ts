import { createContext, use } from 'react';
import type { Client } from 'urql';
import type { LiveEvents } from '../live/live-events.ts';

export interface SignedInAccount {
  readonly id: string;
  readonly name: string;
  readonly isAdministrator: boolean;
}

/** A session that is open in this page. */
export interface OpenSession {
  readonly account: SignedInAccount;
  readonly client: Client;
  readonly live: LiveEvents;
}

export const SessionContext = createContext<OpenSession | null>(null);

/** Returns the session of the page. Only for components that are shown to signed-in people. */
export function useSession(): OpenSession {
  const session = use(SessionContext);
  if (session === null) throw new Error('no session is open');
  return session;
}
