import { LiveContent } from '../../parts/live-content.tsx';
import { Ago, MomentButton } from '../../parts/moment-button.tsx';
import { useQuery } from 'urql';
import { usePolling } from '../../live/use-polling.ts';
import { GatewayQuery, type NodeRow } from './gateway-query.ts';

/** How often the nodes are read: as often as they write their heartbeats. */
const POLL_MS = 10_000;

/** The running nodes, as their heartbeats describe them. */
export function RunningNodes() {
  const [state, execute] = useQuery({ query: GatewayQuery, requestPolicy: 'cache-and-network' });
  const readAgain = () => execute({ requestPolicy: 'network-only' });
  usePolling(true, readAgain, POLL_MS);
  return (
    <section className="sheet">
      <h2>Running nodes</h2>
      <LiveContent of={state} what="the nodes" onRetry={readAgain}>
        {({ gatewayNodes }) => <NodeList nodes={gatewayNodes} />}
      </LiveContent>
    </section>
  );
}

function NodeList({ nodes }: { readonly nodes: readonly NodeRow[] }) {
  const releases = new Set(nodes.map(({ release }) => release));
  return (
    <>
      {releases.size > 1 && (
        <p className="notice">
          The nodes run different releases. That is right during an upgrade: finish it, so that all run the same.
        </p>
      )}
      <ul className="plain-list" aria-label="Running nodes">
        {nodes.map((node) => (
          <li key={node.nodeId}>
            <NodeFacts of={node} />
          </li>
        ))}
      </ul>
    </>
  );
}

function NodeFacts({
  of: { nodeId, isAnswering, seenAt, startedAt, release, formats, modules },
}: {
  readonly of: NodeRow;
}) {
  const unknown = <span className="quiet">not recorded by its release</span>;
  return (
    <>
      <p>
        <code>{nodeId}</code> {isAnswering && <strong>answers this page</strong>}
      </p>
      <dl className="facts">
        <dt>Release</dt>
        <dd>{release ?? unknown}</dd>
        <dt>Started</dt>
        <dd>{startedAt === null ? unknown : <MomentButton at={startedAt} />}</dd>
        <dt>Last seen</dt>
        <dd>
          <Ago at={seenAt} />
        </dd>
        <dt>Reads</dt>
        <dd>{formats.length === 0 ? 'no formats of later releases' : formats.join(', ')}</dd>
        <dt>Policy modules</dt>
        <dd>
          <details>
            <summary>{modules.length === 1 ? '1 version' : `${modules.length} versions`}</summary>
            <ul className="plain-list">
              {modules.map(({ hash, name, isCurrent }) => (
                <li key={hash}>
                  {name ?? 'not on the node that answers'} <code>{hash.slice(0, 12)}</code>{' '}
                  {!isCurrent && <span className="quiet">not for new bindings</span>}
                </li>
              ))}
            </ul>
          </details>
        </dd>
      </dl>
    </>
  );
}
