import type { EventRowFragment } from '../../api/operations.ts';
import { Explained } from '../../parts/explained.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { EventChoice } from './event-address.ts';
import { eventNames, sentenceOf } from '../../parts/event-words.ts';

interface EventItemProps {
  readonly event: EventRowFragment;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  /** Filters the list further. */
  readonly onChoose: (choice: Partial<EventChoice>) => void;
}

/** An event: when, and in a sentence what happened; its exact data when it is opened. */
export function EventItem({ event, isOpen, onToggle, onChoose }: EventItemProps) {
  const { subject, keyId, operationId, phrase, byWhom } = sentenceOf(event);
  return (
    <li>
      <div className="event-line">
        <MomentButton at={event.at} />
        <p>
          {keyId === null ? (
            <bdi className="subject">{subject}</bdi>
          ) : (
            <Link className="subject" href={paths.key(keyId)}>
              <bdi>{subject}</bdi>
            </Link>
          )}{' '}
          <Explained text={phrase} isInline />
          <bdi>{byWhom}</bdi>
          {event.reason != null && (
            <span className="quiet">
              : <bdi>{event.reason}</bdi>
            </span>
          )}
          {operationId !== null && (
            <>
              {' '}
              <Link href={paths.operation(operationId)}>See the change</Link>
            </>
          )}
        </p>
        <button type="button" className="plain" aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? 'Hide the data' : 'Data'}
        </button>
      </div>
      {isOpen && <EventData event={event} onChoose={onChoose} />}
    </li>
  );
}

function EventData({ event, onChoose }: Pick<EventItemProps, 'event' | 'onChoose'>) {
  const { type, keyId, actor, owner, realm } = event;
  const text = JSON.stringify(event, null, 2);
  return (
    <div className="event-data">
      <pre tabIndex={0} aria-label="Data of the event">
        {text}
      </pre>
      <div className="buttons">
        <CopyButton text={text} what="the data" />
        <button type="button" onClick={() => onChoose({ types: [type] })}>
          Only “{eventNames[type]}”
        </button>
        {keyId != null && (
          <button type="button" onClick={() => onChoose({ key: keyId })}>
            Only this key
          </button>
        )}
        {owner != null && (
          <button type="button" onClick={() => onChoose({ owner: owner.id })}>
            Only this owner
          </button>
        )}
        {realm != null && (
          <button type="button" onClick={() => onChoose({ realm: realm.slug })}>
            Only this realm
          </button>
        )}
        {actor?.id != null && (
          <button type="button" onClick={() => onChoose({ actor: String(actor.id) })}>
            Only changes by {actor.kind === 'KEY' && actor.id === keyId ? 'itself' : (actor.name ?? actor.id)}
          </button>
        )}
      </div>
    </div>
  );
}
