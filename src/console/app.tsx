import { useEffect } from 'react';
import { Provider } from 'urql';
import { PageOf } from './pages/page-of.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { Problem } from './parts/problem.tsx';
import { Waiting } from './parts/waiting.tsx';
import { SessionContext } from './session/session-context.ts';
import { restoreSession, sessionState } from './session/session-store.ts';
import { LiveRegion } from './shell/announce.tsx';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { Frame } from './shell/frame.tsx';
import { usePlace } from './shell/router.ts';
import { useStore } from './shell/observable-value.ts';

/** The console: the sign-in page, or the page of the address for the person who is signed in. */
export function App() {
  const state = useStore(sessionState);
  useEffect(() => void restoreSession(), []);
  return (
    <>
      <ContentOf state={state} />
      <LiveRegion />
    </>
  );
}

function ContentOf({ state }: { readonly state: ReturnType<typeof sessionState.get> }) {
  const { path } = usePlace();
  switch (state.kind) {
    case 'UNKNOWN':
      return (
        <main>
          <Waiting what="the console" />
        </main>
      );
    case 'FAILED':
      return (
        <main>
          <Problem
            title="The console could not be opened"
            message={state.message}
            onRetry={() => void restoreSession()}
          />
        </main>
      );
    case 'NONE':
      return (
        <ErrorBoundary>
          <SignInPage notice={state.notice} />
        </ErrorBoundary>
      );
    case 'OPEN':
      return (
        <SessionContext value={state.session}>
          <Provider value={state.session.client}>
            <Frame>
              <ErrorBoundary key={path}>
                <PageOf path={path} />
              </ErrorBoundary>
            </Frame>
          </Provider>
        </SessionContext>
      );
  }
}
