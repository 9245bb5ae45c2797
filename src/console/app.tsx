import { useEffect } from 'react';
import { Provider } from 'urql';
import { MissingPage } from './pages/missing-page.tsx';
import { hasPage, PageOf, publicPageOf } from './pages/page-of.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { LiveContext } from './live/live-context.ts';
import { Problem } from './parts/problem.tsx';
import { ShownOnceDialog } from './parts/shown-once.tsx';
import { Waiting } from './parts/waiting.tsx';
import { PasswordDialog } from './session/password-dialog.tsx';
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
      <ShownOnceDialog notice={state.kind === 'NONE' ? state.notice : null} />
      <LiveRegion />
    </>
  );
}

function ContentOf({ state }: { readonly state: ReturnType<typeof sessionState.get> }) {
  const { path } = usePlace();
  const publicPage = publicPageOf(path);
  if (publicPage !== null) return <ErrorBoundary>{publicPage}</ErrorBoundary>;
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
          {hasPage(path) ? <SignInPage notice={state.notice} /> : <MissingPageOfStranger />}
        </ErrorBoundary>
      );
    case 'OPEN':
      return (
        <SessionContext value={state.session}>
          <Provider value={state.session.client}>
            <LiveContext value={state.session.live}>
              <Frame>
                <ErrorBoundary key={path}>
                  <PageOf path={path} />
                </ErrorBoundary>
              </Frame>
              <PasswordDialog />
            </LiveContext>
          </Provider>
        </SessionContext>
      );
  }
}

/** A person learns that an address was mistyped without signing in. */
function MissingPageOfStranger() {
  return (
    <main className="sign-in">
      <div className="sheet">
        <p className="brand">Keytide</p>
        <MissingPage />
      </div>
    </main>
  );
}
