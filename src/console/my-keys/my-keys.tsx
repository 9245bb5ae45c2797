import { useState } from 'react';
import { Provider } from 'urql';
import { LiveContext } from '../live/live-context.ts';
import { Problem } from '../parts/problem.tsx';
import { ShownOnceContext, ShownOnceDialog } from '../parts/shown-once.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { LiveRegion } from '../shell/announce.tsx';
import { ErrorBoundary } from '../shell/error-boundary.tsx';
import { useStore } from '../shell/observable-value.ts';
import { MyKey } from './my-key.tsx';
import { MyKeyList } from './my-key-list.tsx';
import type { OpenPortal, PortalAccess } from './portal-access.ts';

/** What the element shows: the keys of the customer, one of them, or why there are none to show. */
export function MyKeys({ access }: { readonly access: PortalAccess }) {
  const state = useStore(access.state);
  return (
    <ShownOnceContext value={access.shownOnce}>
      <div className="my-keys">
        {state.kind === 'WAITING' && <Waiting what="your keys" />}
        {state.kind === 'ENDED' && (
          <div className="notice" role="status">
            <p>{state.message}</p>
          </div>
        )}
        {state.kind === 'FAILED' && (
          <Problem
            title="Your keys could not be loaded"
            message={state.message}
            onRetry={() => {
              void access.open();
            }}
          />
        )}
        {state.kind === 'OPEN' && (
          <Provider value={state.portal.client}>
            <LiveContext value={state.portal.live}>
              <ErrorBoundary>
                <OpenKeys key={state.portal.rights.subject.id} portal={state.portal} />
              </ErrorBoundary>
            </LiveContext>
          </Provider>
        )}
        <ShownOnceDialog notice={state.kind === 'ENDED' ? state.message : null} />
        <LiveRegion />
      </div>
    </ShownOnceContext>
  );
}

/** The keys of one customer. For another customer nothing stays: neither an open key nor a dialog. */
function OpenKeys({ portal }: { readonly portal: OpenPortal }) {
  const [shownId, setShownId] = useState<string | null>(null);
  const [isReturned, setReturned] = useState(false);
  if (shownId === null) return <MyKeyList portal={portal} isReturned={isReturned} onOpen={setShownId} />;
  const close = () => {
    setReturned(true);
    setShownId(null);
  };
  return <MyKey id={shownId} rights={portal.rights} onClose={close} />;
}
