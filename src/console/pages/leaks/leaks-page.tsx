import './leaks.css';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateOfKey } from '../../parts/state-of-key.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { adviseOnLeak } from './advise-on-leak.ts';
import { LeaksQuery, type LeakOfPage } from './leak-query.ts';

/** The secrets that were reported as leaked: where each was found, what became of its key, and what is left to do. */
export default function LeaksPage() {
  const { account } = useSession();
  return (
    <>
      <div className="title-row">
        <PageTitle title="Leaks" />
      </div>
      <p>
        Scanners report secrets that they find in public. Keytide holds or revokes the key at once.{' '}
        <a href="/docs/guides/leaks">How scanners report</a>
      </p>
      {account.isAdministrator ? (
        <LeakList />
      ) : (
        <p>
          Only administrators see this list. The owner of a key gets a mail, and sees the leak on the page of the key.{' '}
          <Link href={`${paths.keys}?care=leaked`}>Keys whose secret leaked</Link>
        </p>
      )}
    </>
  );
}

function LeakList() {
  const [state, readAgain] = useLiveQuery({
    query: LeaksQuery,
    variables: {},
    concerns: ({ type }) => /^KEY_(?:HELD|RESUMED|REVOKED|RENEWED|EXPIRED|ROTATION_\w+)$/.test(type),
  });
  const isWaiting = state.data === undefined && state.error === undefined;
  if (isWaiting) return <Waiting what="the leaks" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem message={problem} onRetry={readAgain} />;
  const { edges, pageInfo } = data.leaks;
  if (edges.length === 0) {
    return (
      <div className="sheet empty">
        <p>No secret was reported as leaked.</p>
      </div>
    );
  }
  return (
    <>
      <ul className="leaks" aria-label="Leaks, the newest first">
        {edges.map(({ cursor, node }) => (
          <LeakView key={cursor} of={node} />
        ))}
      </ul>
      {pageInfo.hasNextPage && <p className="quiet">These are the newest 100.</p>}
    </>
  );
}

const outcomeWords: Readonly<Record<LeakOfPage['outcome'], string>> = {
  HELD: 'the key was held',
  REVOKED: 'the key was revoked',
  RETIRED: 'that secret ended, as a person had replaced it',
};

function LeakView({ of: leak }: { readonly of: LeakOfPage }) {
  const { key, secret, reportedAt, reportedBy, foundIn, url, outcome } = leak;
  const { isDone, advice, action } = adviseOnLeak(leak, useNow());
  return (
    <li className="sheet">
      <div className="leak-title">
        <h2>
          <Link href={paths.key(key.id)}>
            <bdi>{key.name}</bdi>
          </Link>
        </h2>
        <StateOfKey of={key} />
      </div>
      <dl className="facts">
        <dt>Secret</dt>
        <dd>
          <code>{secret.start}…</code>
        </dd>
        <dt>Found</dt>
        <dd>
          {url == null ? 'at a place that was not reported' : <code>{url}</code>}
          {foundIn != null && (
            <span className="quiet">
              {' '}
              (<bdi>{foundIn}</bdi>)
            </span>
          )}
        </dd>
        <dt>Reported</dt>
        <dd>
          <MomentButton at={reportedAt} /> by <bdi>{reportedBy}</bdi>; {outcomeWords[outcome]}
        </dd>
        <dt>Owner</dt>
        <dd>
          {key.owner.name}, in {key.realm.name}
        </dd>
        <dt>To do</dt>
        <dd className={isDone ? '' : 'to-do'}>
          {advice}{' '}
          {action !== null && (
            <Link className="button" href={action.href}>
              {action.name}
            </Link>
          )}
        </dd>
      </dl>
    </li>
  );
}
