import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { isEndedKey } from '../../parts/key-state.ts';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateOfKey } from '../../parts/state-of-key.tsx';
import { useNow } from '../../parts/use-now.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { ChangeBar } from './change-bar.tsx';
import { Explained } from './explained.tsx';
import { History } from './history.tsx';
import { KeyQuery, type KeyDetails } from './key-query.ts';
import { RotationChecklist } from './rotation-checklist.tsx';
import { Secrets } from './secrets.tsx';
import { Usage } from './usage.tsx';

/** A key: whether it works, why it stops when it does, who uses it, and what can be done. */
export default function KeyPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: KeyQuery,
    variables: { id },
    concerns: ({ keyId }) => keyId === id,
  });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the key" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) return <Problem title="The key could not be read" message={problem} onRetry={readAgain} />;
  const key = data.key;
  if (key == null) {
    return (
      <>
        <PageTitle title="There is no such key" />
        <p>
          It does not exist, or you may not see it. <Link href={paths.keys}>All keys</Link>
        </p>
      </>
    );
  }
  return <KeyView of={key} />;
}

function KeyView({ of: key }: { readonly of: KeyDetails }) {
  return (
    <>
      <p className="quiet">
        <Link href={paths.keys}>Keys</Link>
      </p>
      <div className="title-row">
        <PageTitle title={key.name} />
        <StateOfKey of={key} />
        <ChangeBar of={key} />
      </div>
      {key.holds.length > 0 && <Holds of={key} />}
      <div className="columns">
        <div>
          <section className="sheet">
            <h2>When it stops</h2>
            <Explained text={key.explanation.summary} />
            <p className="quiet">
              <Explained text={key.renewalInfo.reason} isInline />
            </p>
          </section>
          {key.rotation != null && <RotationChecklist of={key.rotation} />}
          <Usage of={key.usage} />
          <Secrets of={key.secrets} />
          <History id={key.id} />
        </div>
        <div>
          <Facts of={key} />
        </div>
      </div>
    </>
  );
}

function Holds({ of: { holds } }: { readonly of: KeyDetails }) {
  return (
    <section className="notice" aria-label="Holds">
      <h2>The key is held: it is refused until every hold is lifted</h2>
      <ul>
        {holds.map(({ source, reason, since }) => (
          <li key={`${source} ${since}`}>
            {source}, since <MomentButton at={since} />: {reason}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ of: key }: { readonly of: KeyDetails }) {
  const isEnded = isEndedKey(key, useNow());
  const { realm, owner, issuedBy, labels, scopes, allowedAddresses, notBefore } = key;
  return (
    <section className="sheet">
      <h2>Facts</h2>
      <dl className="facts">
        <dt>Stops</dt>
        <dd>{key.stopsAt == null ? 'never by itself' : <MomentButton at={key.stopsAt} isCounting={!isEnded} />}</dd>
        <dt>Last used</dt>
        <dd>{key.lastUsedAt == null ? 'never' : <MomentButton at={key.lastUsedAt} />}</dd>
        <dt>May</dt>
        <dd>
          <ul className="plain-list">
            {scopes.map(({ action, resource }) => (
              <li key={`${action} ${resource}`}>
                <code>{action}</code> on <code>{resource}</code>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Owner</dt>
        <dd>{owner.name}</dd>
        <dt>Realm</dt>
        <dd>{realm.name}</dd>
        <dt>Issued</dt>
        <dd>
          <MomentButton at={key.createdAt} isCounting={!isEnded} />
          {issuedBy?.name != null && ` by ${issuedBy.name}`}
          {key.isExchanged && ' in exchange for the token of a CI job'}
        </dd>
        {notBefore != null && (
          <>
            <dt>Valid from</dt>
            <dd>
              <MomentButton at={notBefore} />
            </dd>
          </>
        )}
        {allowedAddresses.length > 0 && (
          <>
            <dt>Only from</dt>
            <dd>{allowedAddresses.join(', ')}</dd>
          </>
        )}
        {labels.length > 0 && (
          <>
            <dt>Labels</dt>
            <dd>
              {labels.map(({ name, value }) => (
                <div key={name}>
                  <code>
                    {name}={value}
                  </code>
                </div>
              ))}
            </dd>
          </>
        )}
        {key.description != null && (
          <>
            <dt>Description</dt>
            <dd className="description">{key.description}</dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <code>{key.id}</code>
        </dd>
      </dl>
    </section>
  );
}
