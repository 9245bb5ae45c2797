import { useEffect, useState } from 'react';
import { useClient, type Client } from 'urql';
import { readOutcome } from '../../api/client.ts';
import type { KeyHistoryQuery } from '../../api/operations.ts';
import { MomentButton } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { useLive } from '../../live/live-context.ts';
import { HistoryQuery, type HistoryEvent } from './key-query.ts';

/** How many events are shown before the person asks for more. */
const SHOWN = 12;

/** How many pages of 100 events are read at most. */
const PAGES_MAX = 20;

/** What happened to the key, the latest first. */
export function History({ id }: { readonly id: string }) {
  const client = useClient();
  const live = useLive();
  const [events, setEvents] = useState<readonly HistoryEvent[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  const [edition, setEdition] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    readEvents(client, id).then(
      (read) => {
        if (!isCurrent) return;
        setEvents(read);
        setProblem(null);
      },
      (error: Error) => {
        if (isCurrent) setProblem(error.message);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, id, edition]);
  useEffect(
    () =>
      live.listen((change) => {
        if (change === 'GAP' || change.keyId === id) setEdition((number) => number + 1);
      }),
    [live, id],
  );
  const shown = isWhole ? events : events?.slice(0, SHOWN);
  return (
    <section className="sheet">
      <h2>History</h2>
      {problem !== null && <Problem message={problem} onRetry={() => setEdition(edition + 1)} />}
      {shown == null ? (
        problem === null && <Waiting what="the history" />
      ) : (
        <ol className="plain-list">
          {shown.map(({ id: eventId, type, at, reason, actor }) => (
            <li key={eventId}>
              <MomentButton at={at} /> <strong>{wordsOf(type)}</strong>
              {actor?.name != null && ` by ${actor.name}`}
              {reason != null && <span className="quiet">: {reason}</span>}
            </li>
          ))}
        </ol>
      )}
      {events !== null && !isWhole && events.length > SHOWN && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {events.length} events
        </button>
      )}
    </section>
  );
}

type EventPage = NonNullable<KeyHistoryQuery['key']>['events'];

/** Reads all events of a key. The list begins with the oldest; the latest are shown first. */
async function readEvents(client: Client, id: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const read: EventPage | null = await readPage(client, id, after);
    if (read === null) break;
    const { edges, pageInfo } = read;
    events.unshift(...edges.map(({ node }) => node).toReversed());
    after = pageInfo.endCursor ?? null;
    if (!pageInfo.hasNextPage) break;
  }
  return events;
}

async function readPage(client: Client, id: string, after: string | null): Promise<EventPage | null> {
  const result = await client.query(HistoryQuery, { id, after }, { requestPolicy: 'network-only' }).toPromise();
  const { data, problem } = readOutcome(result);
  if (problem !== null) throw new Error(problem);
  return data.key?.events ?? null;
}

/** Returns the name of an event for people: "Rotation started" for KEY_ROTATION_STARTED. */
function wordsOf(type: string): string {
  const words = type.replace(/^KEY_/, '').replaceAll('_', ' ').toLowerCase();
  return words.replace(/^./, (letter) => letter.toUpperCase());
}
