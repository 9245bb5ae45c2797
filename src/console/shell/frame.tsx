import { useState, type ReactNode } from 'react';
import { Problem } from '../parts/problem.tsx';
import { navigationEntries } from '../routes.ts';
import { useSession } from '../session/session-context.ts';
import { endPageSession } from '../session/session-store.ts';
import { Link } from './link.tsx';
import { usePlace } from './router.ts';
import { useStore } from './observable-value.ts';

/** What surrounds each page: the navigation, the state of the connection, and the person who is signed in. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { account } = useSession();
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
        <Link className="brand" href="/">
          Keytide
        </Link>
        <nav aria-label="Pages">
          {navigationEntries.map(({ href, name }) => (
            <NavigationLink key={href} href={href} name={name} />
          ))}
        </nav>
        <div className="person">
          <ConnectionState />
          <span className="name">{account.name}</span>
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
    </>
  );
}

function NavigationLink({ href, name }: { readonly href: string; readonly name: string }) {
  const { path } = usePlace();
  const isHere = path === href || path.startsWith(`${href}/`);
  return (
    <Link href={href} {...(isHere && { 'aria-current': 'page' })}>
      {name}
    </Link>
  );
}

function ConnectionState() {
  const { live } = useSession();
  const status = useStore(live.status);
  const isLive = status === 'LIVE';
  const words = { CONNECTING: 'Connecting…', LIVE: 'Live', RECONNECTING: 'Reconnecting…' }[status];
  return (
    <span className={isLive ? 'connection' : 'connection lost'} role="status">
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="3.5" />
      </svg>
      {words}
    </span>
  );
}
