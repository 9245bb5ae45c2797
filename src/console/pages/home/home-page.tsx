import './home.css';
import { useMemo } from 'react';
import { DAY_MS, HOUR_MS } from '../../../domain/duration.ts';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { Problem } from '../../parts/problem.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { ShortTimeline } from './short-timeline.tsx';
import { listWork } from './work-groups.ts';
import { concernsWork, WorkQuery } from './work-query.ts';
import type { WorkGroup } from './work-row.ts';

/** Reading counts all keys: after events it is done at most once in this time. */
const PAUSE_MS = 3_000;

/** The start: when keys stop, and what waits for a person. */
export default function HomePage() {
  const now = useNow();
  // It changes once an hour: each change reads everything again.
  const hour = Math.ceil(now.getTime() / HOUR_MS) * HOUR_MS;
  const variables = useMemo(
    () => ({ soon: new Date(hour + 30 * DAY_MS).toISOString(), week: new Date(hour - 7 * DAY_MS).toISOString() }),
    [hour],
  );
  const [state, readAgain] = useLiveQuery({ query: WorkQuery, variables, concerns: concernsWork, pauseMs: PAUSE_MS });
  const isUnread = state.data === undefined && state.error === undefined;
  return (
    <>
      <div className="title-row">
        <PageTitle title="What needs you" />
        <div className="buttons">
          <Link className="button" href={paths.operations}>
            Changes of many keys
          </Link>
          <Link className="button primary" href={paths.newKey}>
            Issue a key
          </Link>
        </div>
      </div>
      {isUnread ? <Waiting what="what there is to do" /> : <Content of={state} onRetry={readAgain} />}
    </>
  );
}

interface ContentProps {
  readonly of: Parameters<typeof readOutcome<Parameters<typeof listWork>[0]>>[0];
  readonly onRetry: () => void;
}

function Content({ of, onRetry }: ContentProps) {
  const { account } = useSession();
  const { data, problem } = readOutcome(of);
  if (problem !== null)
    return <Problem title="What there is to do could not be read" message={problem} onRetry={onRetry} />;
  const groups = listWork(data, account.isAdministrator);
  const { keyCount } = data.keyCounts;
  return (
    <>
      {keyCount > 0 && <ShortTimeline />}
      {groups.length === 0 ? <Nothing hasKeys={keyCount > 0} endedCount={data.endedCount} /> : <Groups of={groups} />}
    </>
  );
}

interface NothingProps {
  /** Whether any key works. */
  readonly hasKeys: boolean;
  readonly endedCount: number;
}

function Nothing({ hasKeys, endedCount }: NothingProps) {
  if (!hasKeys && endedCount > 0) return <OnlyEnded count={endedCount} />;
  return (
    <div className="sheet empty">
      {hasKeys ? (
        <>
          <h2>Nothing needs you now</h2>
          <p>
            Every key that stops within 30 days is renewed by a program. No key is held or dormant, no consumer was
            broken in the last 7 days, every rotation moves on, no webhook is paused, and every notice of a stop
            arrived. Enjoy the day.
          </p>
          <Link className="button" href={paths.keys}>
            All keys
          </Link>
        </>
      ) : (
        <>
          <h2>There is no key yet</h2>
          <p>A key lets one program use your API, for as long as you choose.</p>
          <Link className="button" href={paths.newKey}>
            Issue the first key
          </Link>
        </>
      )}
    </div>
  );
}

function OnlyEnded({ count }: { readonly count: number }) {
  return (
    <div className="sheet empty">
      <h2>No key works now</h2>
      <p>
        {count === 1 ? '1 key has ended.' : `${count.toLocaleString('en')} keys have ended.`} A key that expired not
        long ago can be rescued on its page.
      </p>
      <Link className="button" href={`${paths.keys}?state=expired&state=revoked`}>
        Keys that have ended
      </Link>
    </div>
  );
}

function Groups({ of: groups }: { readonly of: readonly WorkGroup[] }) {
  return (
    <div className="work">
      {groups.map(({ title, count, isLeast, rows, all }) => (
        <section key={title} className="sheet" aria-label={title}>
          <h2>
            {title}{' '}
            <span className="count">
              {count.toLocaleString('en')}
              {isLeast && ' or more'}
            </span>
          </h2>
          <ul className="plain-list">
            {rows.map(({ id, title: name, detail, action }) => (
              <li key={id}>
                <span className="what" title={name}>
                  {name}
                </span>
                <Link className="button" href={action.href}>
                  {action.name}
                  <span className="unseen"> {name}</span>
                </Link>
                <span className="why">{detail}</span>
              </li>
            ))}
          </ul>
          {count > rows.length && all !== null && (
            <p>
              <Link href={all.href}>
                {all.name} {count.toLocaleString('en')}
                <span className="unseen"> {title}</span>
              </Link>
            </p>
          )}
          {count > rows.length && all === null && <p className="quiet">and {count - rows.length} more</p>}
        </section>
      ))}
    </div>
  );
}
