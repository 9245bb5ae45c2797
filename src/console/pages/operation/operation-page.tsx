import './operation.css';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { Explained } from '../../parts/explained.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { OperationBar } from './operation-bar.tsx';
import { OperationQuery, type OperationDetails } from './operation-query.ts';
import { titleOfOperation } from './operation-words.ts';

const stateSentences: Readonly<Record<OperationDetails['state'], string>> = {
  AWAITING_APPROVAL: 'It waits until a second person approves it, for 7 days at most. No key has changed.',
  RUNNING: 'It changes keys now.',
  PAUSED: 'It is paused. No key changes until it goes on.',
  DONE: 'It has reached all of its keys.',
  STOPPED: 'It was stopped. The keys that it had not reached stay as they are.',
  UNDONE: 'It was undone, except where others had changed a key since.',
};

/** A change of many keys: how far it is, what it left, and what can be done about it. */
export default function OperationPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: OperationQuery,
    variables: { id },
    concerns: ({ type }) => type.startsWith('OPERATION_') || type.startsWith('KEY_'),
  });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the operation" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) {
    return <Problem title="The operation could not be read" message={problem} onRetry={readAgain} />;
  }
  const operation = data.operation;
  if (operation == null) {
    return (
      <>
        <PageTitle title="There is no such operation" />
        <p>
          It does not exist, or you may not see it. <Link href={paths.keys}>All keys</Link>
        </p>
      </>
    );
  }
  return (
    <>
      <p className="quiet">
        <Link href={paths.operations}>Changes of many keys</Link>
      </p>
      <div className="title-row">
        <PageTitle title={titleOfOperation(operation.kind)} />
        <OperationBar of={operation} onChanged={readAgain} />
      </div>
      <Progress of={operation} />
      <Left of={operation} />
    </>
  );
}

function Progress({ of: operation }: { readonly of: OperationDetails }) {
  const { total, done, failed, skipped, undone, newlyMatched, state, isUndoing, actor, approvedBy } = operation;
  const reached = isUndoing ? undone : done + failed + skipped;
  const sentence = isUndoing && state === 'RUNNING' ? 'It undoes its change now.' : stateSentences[state];
  return (
    <section className="sheet" aria-label="Progress">
      <p role="status">
        <strong>{sentence}</strong> {reached.toLocaleString('en')} of {total.toLocaleString('en')}{' '}
        {isUndoing ? 'undone' : 'reached'}.
      </p>
      <progress className="reached" max={Math.max(total, 1)} value={reached} aria-label="Keys reached" />
      <dl className="facts">
        <dt>Why</dt>
        <dd>{operation.reason}</dd>
        <dt>Changed</dt>
        <dd>{done.toLocaleString('en')}</dd>
        <dt>Could not be changed</dt>
        <dd>{failed.toLocaleString('en')}</dd>
        <dt>Left as they are</dt>
        <dd>{skipped.toLocaleString('en')}</dd>
        {undone > 0 && (
          <>
            <dt>Undone</dt>
            <dd>{undone.toLocaleString('en')}</dd>
          </>
        )}
        {newlyMatched > 0 && (
          <>
            <dt>Matched only later</dt>
            <dd>{newlyMatched.toLocaleString('en')}, which are left as they are</dd>
          </>
        )}
        <dt>Keys of</dt>
        <dd>{operation.organization?.name ?? `any owner in ${operation.realm.name}`}</dd>
        <dt>Started</dt>
        <dd>
          <MomentButton at={operation.startedAt} />
          {actor?.name != null && ` by ${actor.name}`}
          {approvedBy?.name != null && `, approved by ${approvedBy.name}`}
        </dd>
        {operation.endedAt != null && (
          <>
            <dt>Ended</dt>
            <dd>
              <MomentButton at={operation.endedAt} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** The keys that were not changed, and why. */
function Left({ of: { left } }: { readonly of: OperationDetails }) {
  if (left.edges.length === 0) return null;
  return (
    <section className="sheet left-keys">
      <h2>Keys that were not changed</h2>
      <ul className="plain-list">
        {left.edges.map(({ node: { keyId, key, message } }) => (
          <li key={keyId}>
            <Link href={paths.key(keyId)}>{key?.name ?? keyId}</Link>
            <span className="quiet"> {message !== null && <Explained text={message} isInline />}</span>
          </li>
        ))}
      </ul>
      {left.pageInfo.hasNextPage && <p className="quiet">These are the first 100.</p>}
    </section>
  );
}
