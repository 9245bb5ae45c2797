import { readOutcome } from '../../api/client.ts';
import type { EventType } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { Explained } from '../../parts/explained.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { isObject } from './config-schema.ts';
import { BindingHistoryQuery, concernsPolicies, DecisionsQuery, type BindingDetails } from './policy-query.ts';

/** The events of keys that a policy causes. */
const decisionWords = {
  KEY_DORMANCY_WARNED: 'warned',
  KEY_EXPIRED: 'expired',
  KEY_HELD: 'held',
  KEY_STOP_CHANGED: 'stop moved',
  KEY_RESUMED: 'resumed',
} as const satisfies Partial<Record<EventType, string>>;

const decisionTypes = Object.keys(decisionWords) as (keyof typeof decisionWords)[];

const historyWords = {
  POLICY_ANNOUNCED: 'Announced',
  POLICY_BOUND: 'Bound',
  POLICY_CHANGED: 'Changed',
  POLICY_APPLIED: 'All keys reviewed',
  POLICY_BROKEN: 'The module fails',
  POLICY_MENDED: 'The module works again',
  POLICY_UNBOUND: 'Removed or withdrawn',
  BRAKE_ENGAGED: 'The brake engaged',
  BRAKE_RELEASED: 'The brake was released',
  BRAKE_CANCELLED: 'The brake was cancelled',
} as const satisfies Partial<Record<EventType, string>>;

const historyTypes = Object.keys(historyWords) as (keyof typeof historyWords)[];

/** How many events of the realm are searched for those of a binding. */
const HISTORY_MAX = 100;

/** What a binding decided lately, and what became of it. */
export function BindingEvents({ of: binding }: { readonly of: BindingDetails }) {
  return (
    <>
      <Decisions id={binding.id} />
      <History id={binding.id} realm={binding.realm.slug} />
    </>
  );
}

function Decisions({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({
    query: DecisionsQuery,
    variables: { id, types: decisionTypes },
    concerns: ({ type }) => Object.hasOwn(decisionWords, type),
  });
  const isWaiting = state.data === undefined && state.error === undefined;
  const { data, problem } = readOutcome(state);
  const events = data?.events.edges.map(({ node }) => node).toReversed() ?? [];
  return (
    <section className="sheet">
      <h2>What it decided lately</h2>
      {isWaiting && <Waiting what="the events" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {data !== null && events.length === 0 && <p>Nothing that is still in the log.</p>}
      <ol className="plain-list">
        {events.map((event) => (
          <li key={event.id}>
            <MomentButton at={event.at} /> <strong>{wordsOf(decisionWords, event.type)}</strong>{' '}
            {event.keyId !== null && <Link href={paths.key(event.keyId)}>{event.key?.name ?? event.keyId}</Link>}
            {event.reason !== null && (
              <span className="quiet">
                : <Explained text={event.reason} isInline />
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function History({ id, realm }: { readonly id: string; readonly realm: string }) {
  const [state, readAgain] = useLiveQuery({
    query: BindingHistoryQuery,
    variables: { realm, types: historyTypes },
    concerns: concernsPolicies,
  });
  const isWaiting = state.data === undefined && state.error === undefined;
  const { data, problem } = readOutcome(state);
  const events = data?.events.edges.map(({ node }) => node).toReversed() ?? [];
  const own = events.filter((event) => isObject(event.data) && event.data['bindingId'] === id);
  return (
    <section className="sheet">
      <h2>History</h2>
      {isWaiting && <Waiting what="the history" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {data !== null && own.length === 0 && (
        <p>
          {events.length < HISTORY_MAX
            ? 'Nothing that is still in the log.'
            : `Nothing among the latest ${String(HISTORY_MAX)} events of policies in this realm.`}
        </p>
      )}
      <ol className="plain-list">
        {own.map(({ id: eventId, type, at, reason, actor }) => (
          <li key={eventId}>
            <MomentButton at={at} /> <strong>{wordsOf(historyWords, type)}</strong>
            {actor?.name != null && ` by ${actor.name}`}
            {reason !== null && <span className="quiet">: {reason}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function wordsOf(words: Readonly<Partial<Record<EventType, string>>>, type: EventType): string {
  return words[type] ?? type;
}
