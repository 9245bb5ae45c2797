import type { ReactNode } from 'react';
import type { DeliveryRowFragment } from '../../api/operations.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { WebhookDetails } from './webhook-query.ts';

interface DeliveriesProps {
  readonly title: string;
  readonly of: readonly DeliveryRowFragment[];
  readonly count: number;
  readonly children: ReactNode;
}

/** Events that are not delivered, the newest first. */
export function Deliveries({ title, of: deliveries, count, children }: DeliveriesProps) {
  if (count === 0) return null;
  return (
    <section className="sheet">
      <h2>
        {title}: {count.toLocaleString('en')}
      </h2>
      <p className="quiet">{children}</p>
      <ul className="plain-list">
        {deliveries.map(({ event, since, attemptCount, nextAttemptAt }, index) => (
          <li key={event?.id ?? index}>
            <EventName of={event} /> since <MomentButton at={since} />
            <p className="quiet">
              {attemptCount === 0
                ? 'waits behind an earlier event'
                : `failed ${attemptCount === 1 ? 'once' : `${String(attemptCount)} times`}`}
              {nextAttemptAt != null && (
                <>
                  , next attempt <MomentButton at={nextAttemptAt} />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      {count > deliveries.length && <p className="quiet">These are the newest of them.</p>}
    </section>
  );
}

function EventName({ of: event }: { readonly of: DeliveryRowFragment['event'] }) {
  if (event == null) return <span className="quiet">an event that the log no longer has</span>;
  const { type, keyId } = event;
  return keyId == null ? (
    <code>{type}</code>
  ) : (
    <Link href={paths.key(keyId)}>
      <code>{type}</code>
    </Link>
  );
}

/** The requests to the receiver, the newest first. */
export function Attempts({ of: edges }: { readonly of: WebhookDetails['attempts']['edges'] }) {
  return (
    <section className="sheet">
      <h2>Attempts</h2>
      {edges.length === 0 ? (
        <p>Nothing was sent in the last 30 days.</p>
      ) : (
        <DataTable name="Attempts" columns={['When', 'Event', 'Answer', { name: 'Took', isNumber: true }]}>
          {edges.map(({ cursor, node: { at, event, status, duration, error } }) => (
            <tr key={cursor}>
              <td>
                <MomentButton at={at} />
              </td>
              <td>
                <EventName of={event} />
              </td>
              <td>
                <Answer status={status ?? null} error={error ?? null} />
              </td>
              <td className="number">{secondsOf(duration)}</td>
            </tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}

/** What the receiver answered: a word with a shape, and why it is a failure. */
function Answer({ status, error }: { readonly status: number | null; readonly error: string | null }) {
  return (
    <>
      <span className={error === null ? 'state state-active' : 'state state-held'}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={error === null ? 'M2.5 8.5l3.5 4 7.5-9' : 'M3.5 3.5l9 9M12.5 3.5l-9 9'} />
        </svg>
        {error === null ? 'Delivered' : 'Failed'} {status}
      </span>
      {error !== null && (
        <p className="quiet">
          <bdi>{error}</bdi>
        </p>
      )}
    </>
  );
}

/** Returns a duration such as PT0.012S in seconds, for people. */
function secondsOf(duration: string): string {
  return `${/^PT([\d.]+)S$/.exec(duration)?.[1] ?? duration} s`;
}
