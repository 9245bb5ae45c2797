import './owners.css';
import { readOutcome } from '../../api/client.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { usePolling } from '../../live/use-polling.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { RowMoment } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { AnswerBar } from './answer-bar.tsx';
import {
  OWN_KEYS_MAX,
  OwnKeysQuery,
  exceptionOf,
  grantedExceptions,
  hasMoreKeys,
  standingAnswers,
  touchedBy,
  type AnsweringOwner,
  type TouchedKey,
} from './owners-query.ts';
import { ReachWords } from './reach-words.tsx';
import { isOpen, type RolloutAnswer, type RolloutDetails, type RolloutException } from './rollout-query.ts';

interface OwnKeysProps {
  readonly of: RolloutDetails;
  readonly owner: AnsweringOwner;
  readonly onChanged: () => void;
}

/** The keys of one owner that the rollout touches, and what the owner can answer. Nothing, if it touches none. */
export function OwnKeys({ of: rollout, owner, onChanged }: OwnKeysProps) {
  const { progress, realm } = rollout;
  const [state, readAgain] = useLiveQuery({
    query: OwnKeysQuery,
    variables: { id: rollout.id, realm: realm.slug, owner: owner.id, first: OWN_KEYS_MAX },
    concerns: ({ type, key }) => type.startsWith('ROLLOUT_') || key?.owner.id === owner.id,
  });
  usePolling(progress.done < progress.total, readAgain);
  const { data, problem } = readOutcome(state);
  if (data === null) return state.error !== undefined && <Problem message={problem} onRetry={readAgain} />;
  const keys = touchedBy(rollout, owner.id, data);
  const hasMore = hasMoreKeys(data);
  if (keys.length === 0 && !hasMore) return null;
  const granted = grantedExceptions(rollout, owner.id);
  const title = owner.name === 'you' ? 'Your keys' : `Keys of ${owner.name}`;
  return (
    <section className="sheet own-keys" aria-label={title}>
      <div className="listed">
        <h2>{title}</h2>
        {isOpen(rollout) && <AnswerBar of={rollout} owner={owner} keys={hasMore ? [] : keys} onChanged={onChanged} />}
      </div>
      <ReachWords of={rollout} keys={keys} />
      {keys.length > 0 && <KeyTable name={title} keys={keys} exceptions={granted} />}
      {hasMore && (
        <p className="quiet">
          Not all keys are listed. An answer is about all that the rollout touches.{' '}
          <Link href={`${paths.keys}?owner=${encodeURIComponent(owner.id)}`}>All keys</Link>
        </p>
      )}
      <Standing answers={standingAnswers(rollout, owner.id)} exceptions={granted} />
    </section>
  );
}

const renewals: Readonly<Record<TouchedKey['automation'], string>> = {
  WORKING: 'a program',
  LATE: 'a program that is late',
  NONE: 'a person only',
};

interface KeyTableProps {
  readonly name: string;
  readonly keys: readonly TouchedKey[];
  readonly exceptions: readonly RolloutException[];
}

function KeyTable({ name, keys, exceptions }: KeyTableProps) {
  return (
    <DataTable name={name} columns={['Key', 'Stops now', 'With the change', 'Renewed by', 'Used by']}>
      {keys.map((key) => (
        <tr key={key.id}>
          <td>
            <Link href={paths.key(key.id)}>{key.name}</Link>
          </td>
          <td>{key.stopsAt === null ? 'never by itself' : <RowMoment at={key.stopsAt} />}</td>
          <td>
            <NextStop of={key} exception={exceptionOf(key.id, exceptions)} />
          </td>
          <td>{renewals[key.automation]}</td>
          <td>
            <Consumers of={key} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

interface NextStopProps {
  readonly of: TouchedKey;
  readonly exception: RolloutException | null;
}

function NextStop({ of: { isReached, nextStop, stopsAt }, exception }: NextStopProps) {
  if (exception !== null) {
    return (
      <>
        today’s rules until <RowMoment at={exception.until} />
      </>
    );
  }
  if (isReached) return 'is in force';
  const isEarlier = nextStop !== null && (stopsAt === null || Date.parse(nextStop) < Date.parse(stopsAt));
  return isEarlier ? (
    <strong>
      <RowMoment at={nextStop} />
    </strong>
  ) : (
    'no earlier'
  );
}

const NAMED_MAX = 3;

function Consumers({ of: { usage } }: { readonly of: TouchedKey }) {
  const names = usage.consumers.map(({ name }) => (name === '' ? 'without a label' : name));
  if (names.length === 0) return 'nothing yet';
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

const standingWords: Readonly<Record<RolloutAnswer['kind'], string>> = {
  COMMENT: 'A comment',
  OBJECT: 'An objection',
  ASK_EXCEPTION: 'A request for an exception',
  ENROLL: 'Enrolled from the first cohort on',
  WITHDRAW: 'Taken back',
};

interface StandingProps {
  readonly answers: readonly RolloutAnswer[];
  readonly exceptions: readonly RolloutException[];
}

/** What the owner has answered, and whether an administrator has replied. The texts are with the answers of all. */
function Standing({ answers, exceptions }: StandingProps) {
  if (answers.length === 0 && exceptions.length === 0) return <p className="quiet">You have not answered.</p>;
  return (
    <>
      <h3>Answered</h3>
      <ul className="plain-list" aria-label="Answered">
        {answers.map(({ answerId, kind, brownout, createdAt, repliedAt }) => (
          <li key={answerId}>
            {standingWords[kind]}
            {brownout && ', with brownouts'}, <RowMoment at={createdAt} />
            {repliedAt !== null && (
              <>
                {' '}
                · an administrator replied <RowMoment at={repliedAt} />
              </>
            )}
          </li>
        ))}
        {exceptions.map(({ exceptionId, until }) => (
          <li key={exceptionId}>
            An exception is granted: today’s rules stay until <RowMoment at={until} />
          </li>
        ))}
      </ul>
    </>
  );
}
