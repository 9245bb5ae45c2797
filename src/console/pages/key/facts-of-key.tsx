import type { ReactNode } from 'react';
import { isEndedKey } from '../../parts/key-state.ts';
import { MomentButton } from '../../parts/moment-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import type { KeyDetails } from './key-query.ts';

interface FactsOfKeyProps {
  readonly of: KeyDetails;
  /** Further facts, such as its owner. They stand before its issue. */
  readonly children?: ReactNode;
}

/** What holds for a key: its moments, what it may do, and where it comes from. */
export function FactsOfKey({ of: key, children }: FactsOfKeyProps) {
  const now = useNow();
  const isEnded = isEndedKey(key, now);
  const isOver = isEnded && key.stopsAt != null && new Date(key.stopsAt) <= now;
  const { issuedBy, labels, scopes, allowedAddresses, notBefore } = key;
  return (
    <section className="sheet">
      <h2>Facts</h2>
      <dl className="facts">
        <dt>{isOver ? 'Stopped' : 'Stops'}</dt>
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
        {children}
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
