import '../lists.css';
import './operation.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import type { OperationState } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { SelectField } from '../../parts/fields.tsx';
import { LiveContent } from '../../parts/live-content.tsx';
import { RowMoment } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { OperationListQuery, OperationRealmsQuery, type OperationRow } from './operation-query.ts';
import { keysInWords, operationStateWords, titleOfOperation } from './operation-words.ts';

/** The changes of many keys, newest first. The address has the filters. */
export default function OperationListPage() {
  const search = new URLSearchParams(usePlace().search);
  const [realm, state] = [search.get('realm') ?? '', search.get('state') ?? ''];
  const choose = (name: string, value: string) => {
    const filters = Object.entries({ realm, state, [name]: value }).filter(([, text]) => text !== '');
    const chosen = new URLSearchParams(filters);
    navigate(`${paths.operations}${chosen.size === 0 ? '' : `?${chosen.toString()}`}`);
  };
  const [{ data: choices }] = useQuery({ query: OperationRealmsQuery, variables: {} });
  return (
    <>
      <div className="title-row">
        <PageTitle title="Changes of many keys" />
        <div className="buttons">
          <Link className="button" href={paths.keys}>
            Change keys
          </Link>
        </div>
      </div>
      <p className="quiet">
        You see those that you may manage: as an administrator all, as a manager of an organization those of its keys.
      </p>
      <div className="list-filters">
        <SelectField label="Realm" value={realm} onChange={({ target }) => choose('realm', target.value)}>
          <option value="">all realms</option>
          {choices?.realms.edges.map(({ node: { slug, name } }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField label="State" value={state} onChange={({ target }) => choose('state', target.value)}>
          <option value="">all states</option>
          {Object.entries(operationStateWords).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </SelectField>
      </div>
      <OperationList key={`${realm} ${state}`} realm={realm} state={state} />
    </>
  );
}

/** One page of the list. */
function OperationList({ realm, state: chosen }: { readonly realm: string; readonly state: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const states = Object.hasOwn(operationStateWords, chosen) ? [chosen as OperationState] : null;
  const [state, readAgain] = useLiveQuery({
    query: OperationListQuery,
    variables: { realm: realm === '' ? null : realm, states, after },
    concerns: ({ type }) => type.startsWith('OPERATION_'),
  });
  return (
    <LiveContent of={state} what="the changes" onRetry={readAgain}>
      {({ operations: { edges, pageInfo } }) => (
        <>
          {edges.length === 0 ? (
            <p>There is none{after === null ? '' : ' before'}.</p>
          ) : (
            <section className="sheet">
              <ul className="plain-list operation-list" aria-label="Changes of many keys">
                {edges.map(({ node }) => (
                  <li key={node.id}>
                    <OperationItem of={node} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <div className="buttons">
            {after !== null && (
              <button type="button" onClick={() => setAfter(null)}>
                Newest
              </button>
            )}
            {pageInfo.hasNextPage && pageInfo.endCursor !== null && (
              <button type="button" onClick={() => setAfter(pageInfo.endCursor)}>
                Earlier
              </button>
            )}
          </div>
        </>
      )}
    </LiveContent>
  );
}

function OperationItem({ of: operation }: { readonly of: OperationRow }) {
  const { id, kind, state, isUndoing, reason, total, done, failed, skipped, startedAt, actor, realm, organization } =
    operation;
  const left = failed + skipped;
  return (
    <>
      <p>
        <Link href={paths.operation(id)}>
          {titleOfOperation(kind)}
          <span className="unseen">: {reason}</span>
        </Link>{' '}
        <strong>{isUndoing && state === 'RUNNING' ? 'Undoes its change' : operationStateWords[state]}</strong>
      </p>
      <p>{reason}</p>
      <p className="quiet">
        {done.toLocaleString('en')} of {keysInWords(total)} changed
        {left > 0 && `, ${left.toLocaleString('en')} not`} · {organization?.name ?? realm.name} ·{' '}
        <RowMoment at={startedAt} />
        {actor?.name != null && ` by ${actor.name}`}
      </p>
    </>
  );
}
