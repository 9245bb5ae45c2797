import { useEffect, useState } from 'react';
import { noteRequestId } from '../../api/client.ts';
import { Problem } from '../../parts/problem.tsx';

/** What the node that answers says of itself. */
interface NodeFacts {
  readonly version: string;
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly isReady: boolean; readonly message: string }>>;
}

/** The version and the health of the node that answers, for administrators. */
export function GatewayFacts() {
  const [attempt, setAttempt] = useState(0);
  const [facts, setFacts] = useState<NodeFacts | 'FAILED' | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void readFacts().then(
      (found) => isCurrent && setFacts(found),
      () => isCurrent && setFacts('FAILED'),
    );
    return () => {
      isCurrent = false;
    };
  }, [attempt]);
  const readAgain = () => setAttempt(attempt + 1);
  return (
    <section className="sheet">
      <h2>The node that answers</h2>
      {facts === 'FAILED' && <Problem message="The gateway cannot be reached." onRetry={readAgain} />}
      {facts !== null && facts !== 'FAILED' && (
        <>
          <dl className="facts gateway-facts">
            <dt>Version</dt>
            <dd>{facts.version}</dd>
            <dt>Health</dt>
            <dd>{facts.status === 'READY' ? 'ready' : facts.status.toLowerCase().replaceAll('_', ' ')}</dd>
            {Object.entries(facts.checks).map(([name, { isReady, message }]) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd>
                  {!isReady && <strong>Not ready: </strong>}
                  {message}
                </dd>
              </div>
            ))}
          </dl>
          <div className="buttons">
            <button type="button" onClick={readAgain}>
              Check again
            </button>
          </div>
        </>
      )}
    </section>
  );
}

async function readFacts(): Promise<NodeFacts> {
  const read = async (path: string) => (await noteRequestId(await fetch(path))).json() as Promise<Partial<NodeFacts>>;
  const [{ version = '' }, { status = '', checks = {} }] = await Promise.all([read('/livez'), read('/readyz')]);
  return { version, status, checks };
}
