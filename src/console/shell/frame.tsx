import { useState, type ReactNode } from 'react';
import { ConnectionState } from '../live/connection-state.tsx';
import { Problem } from '../parts/problem.tsx';
import { paths } from '../routes.ts';
import { useSession } from '../session/session-context.ts';
import { endPageSession } from '../session/session-store.ts';
import { Link } from './link.tsx';
import { Navigation } from './navigation.tsx';
import { usePlace } from './router.ts';

/** What surrounds each page: the navigation, the state of the connection, and the person who is signed in. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { account } = useSession();
  const { path } = usePlace();
  const [problem, setProblem] = useState<string | null>(null);
  const signOut = async () => {
    setProblem(null);
    setProblem(await endPageSession());
  };
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="bar">
        <Link className="brand" href={paths.home} {...(path === paths.home && { 'aria-current': 'page' })}>
          Keytide
        </Link>
        <Navigation />
        <div className="person">
          <ConnectionState />
          <Link className="name" href={paths.settings} title="Your settings">
            {account.name}
          </Link>
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {problem !== null && (
          <Problem title="You are still signed in" message={problem} onRetry={() => void signOut()} />
        )}
        {children}
      </main>
      <footer className="foot">
        <a href="/docs">Documents</a>
      </footer>
    </>
  );
}
