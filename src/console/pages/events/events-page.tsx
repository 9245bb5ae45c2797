import './events.css';
import { useEffect, useMemo, useState } from 'react';
import { uncachedClient } from '../../api/uncached-client.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { useStore } from '../../shell/observable-value.ts';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { allEvents, eventFilterOf, readEventChoice, writeEventChoice, type EventChoice } from './event-address.ts';
import { EventItem } from './event-item.tsx';
import { EventFilterBar } from './event-filter-bar.tsx';
import { EventTail, SHOWN_EVENTS_MAX, type EventTailState } from './event-tail.ts';

/** From how many pixels on the page counts as scrolled down, so that new events would push away what is read. */
const AWAY_PX = 200;

/** The log of events, live, the newest first. Its filters are in the address. */
export default function EventsPage() {
  const { live } = useSession();
  const { search } = usePlace();
  const [edition, setEdition] = useState(0);
  const [isPaused, setPaused] = useState(false);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const isAway = useIsAway();
  const choice = useMemo(() => readEventChoice(search), [search]);
  const tail = useMemo(() => {
    const before = choice.before === '' ? null : choice.before;
    return { edition, of: new EventTail(uncachedClient, { filter: eventFilterOf(choice), before }) };
  }, [choice, edition]).of;
  useEffect(() => {
    tail.start();
    const stopListening = live.listen((change) => tail.take(change));
    return () => {
      stopListening();
      tail.stop();
    };
  }, [tail, live]);
  const state = useStore(tail.state);
  const { rows, waitingCount, isRead, isInterrupted, problem } = state;
  const isReading = isAway || rows.some(({ id }) => opened.has(id));
  useEffect(() => tail.setPaused(isPaused || isReading), [tail, isPaused, isReading]);
  const choose = (chosen: EventChoice, isReplaced = false) =>
    navigate(`${paths.events}${writeEventChoice(chosen)}`, { isReplaced });
  const toggle = (id: string) => {
    const others = [...opened].filter((other) => other !== id);
    setOpened(new Set(others.length < opened.size ? others : [...others, id]));
  };
  const show = () => {
    tail.showWaiting();
    window.scrollTo(0, 0);
  };
  const isOfPast = choice.before !== '';
  return (
    <>
      <div className="title-row">
        <PageTitle title="Events" />
        {isOfPast ? (
          <Link className="button" href={`${paths.events}${writeEventChoice({ ...choice, before: '' })}`}>
            Back to the newest
          </Link>
        ) : (
          <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Paused' : 'Pause'}
          </button>
        )}
      </div>
      <EventFilterBar choice={choice} onChange={choose} />
      {isInterrupted && (
        <p className="notice" role="status">
          The log could not continue from where this page was: events of the meantime may have been deleted. The list
          begins again with the newest.
        </p>
      )}
      {problem !== null && <Problem message={problem} onRetry={() => setEdition(edition + 1)} />}
      <div className="waiting-events" role="status">
        {waitingCount > 0 && (
          <>
            {waitingCount.toLocaleString('en')} new{' '}
            <button type="button" className="primary" onClick={show}>
              Show
            </button>
          </>
        )}
      </div>
      {!isRead && problem === null && <Waiting what="the events" />}
      {isRead && rows.length === 0 && <NoEvents choice={choice} onClear={() => choose(allEvents)} />}
      {rows.length > 0 && (
        <div className="sheet">
          <ol className="events plain-list" aria-label="Events, the newest first">
            {rows.map((event) => (
              <EventItem
                key={event.id}
                event={event}
                isOpen={opened.has(event.id)}
                onToggle={() => toggle(event.id)}
                onChoose={(chosen) => choose({ ...choice, ...chosen })}
              />
            ))}
          </ol>
        </div>
      )}
      <Earlier state={state} choice={choice} onRead={() => void tail.readEarlier()} />
    </>
  );
}

interface EarlierProps {
  readonly state: EventTailState;
  readonly choice: EventChoice;
  readonly onRead: () => void;
}

/** How to see the events before the last one. A full page is left for another one, which begins where it ends. */
function Earlier({ state, choice, onRead }: EarlierProps) {
  const { rows, hasEarlier, isReadingEarlier } = state;
  if (!hasEarlier) return rows.length > 0 && <p className="quiet earlier">These are all events that the log has.</p>;
  const last = rows.at(-1);
  if (last !== undefined && rows.length >= SHOWN_EVENTS_MAX) {
    return (
      <p className="earlier">
        This page shows at most {SHOWN_EVENTS_MAX.toLocaleString('en')} events.{' '}
        <Link href={`${paths.events}${writeEventChoice({ ...choice, before: last.cursor })}`}>
          Go on with the earlier ones
        </Link>
      </p>
    );
  }
  return (
    <button type="button" className="earlier" aria-disabled={isReadingEarlier} onClick={onRead}>
      Show earlier events
    </button>
  );
}

function NoEvents({ choice, onClear }: { readonly choice: EventChoice; readonly onClear: () => void }) {
  const isFiltered = writeEventChoice(choice) !== '';
  return (
    <div className="sheet empty">
      <p>
        {isFiltered
          ? 'No event matches these filters. A new one appears here by itself.'
          : 'There is no event yet. Each change is recorded as one, and appears here by itself.'}
      </p>
      {isFiltered && (
        <button type="button" onClick={onClear}>
          Clear the filters
        </button>
      )}
    </div>
  );
}

function useIsAway(): boolean {
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    const update = () => setAway(window.scrollY > AWAY_PX);
    update();
    window.addEventListener('scroll', update, { passive: true });
    return () => window.removeEventListener('scroll', update);
  }, []);
  return isAway;
}
