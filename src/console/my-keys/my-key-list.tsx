import { useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { KeyFilter, KeyRowFragment } from '../api/operations.ts';
import { ConnectionState } from '../live/connection-state.tsx';
import { useLive } from '../live/live-context.ts';
import { KeyPages } from '../pages/key-list/key-pages.ts';
import { isEndedKey } from '../parts/key-state.ts';
import { Ago, DayWords, RowMoment } from '../parts/moment-button.tsx';
import { Problem } from '../parts/problem.tsx';
import { StateOfKey } from '../parts/state-of-key.tsx';
import { useNow } from '../parts/use-now.ts';
import { Waiting } from '../parts/waiting.tsx';
import { useStore } from '../shell/observable-value.ts';
import { IssueDialog } from './issue-dialog.tsx';
import type { OpenPortal } from './portal-access.ts';
import { ViewTitle } from './view-title.tsx';

const working: KeyFilter = { states: ['ACTIVE', 'HELD'] };
const ended: KeyFilter = { states: ['EXPIRED', 'REVOKED'] };
const all: KeyFilter = { states: ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'] };

interface MyKeyListProps {
  readonly portal: OpenPortal;
  /** Whether the person has come back from a key. */
  readonly isReturned: boolean;
  readonly onOpen: (id: string) => void;
}

/** The keys of the customer, those that stop first on top. */
export function MyKeyList({ portal: { rights }, isReturned, onOpen }: MyKeyListProps) {
  const [isWithEnded, setWithEnded] = useState(false);
  const [isIssuing, setIssuing] = useState(false);
  const [edition, setEdition] = useState(0);
  const pages = useKeyPages(isWithEnded, edition, () => setEdition((number) => number + 1));
  const { rows, hidden, issued, hasMore, isReading, problem } = useStore(pages.state);
  const isForIssuing = rights.may.includes('ISSUE');
  const mayIssue = isForIssuing && rights.issuableScopes.length > 0;
  const maySee = rights.may.some((action) => action !== 'ISSUE' && action !== 'EVENTS');
  const readAgain = () => setEdition(edition + 1);
  return (
    <>
      <div className="title-row">
        <ViewTitle title="Keys" isFocused={isReturned} />
        <ConnectionState />
        {hidden !== null && hidden > 0 && (
          <span className="count">
            {hidden.toLocaleString('en')} ended {hidden === 1 ? 'is' : 'are'} hidden{' '}
            <button type="button" className="plain" onClick={() => setWithEnded(true)}>
              Show
            </button>
          </span>
        )}
        {mayIssue && (
          <div className="buttons">
            <button type="button" className="primary" onClick={() => setIssuing(true)}>
              Issue a key
            </button>
          </div>
        )}
      </div>
      {isForIssuing && !mayIssue && (
        <p className="quiet">
          You cannot issue a key yet: the operators of the API have not set what keys of customers may do. Ask them.
        </p>
      )}
      {issued > 0 && (
        <p role="status">
          {issued.toLocaleString('en')} issued meanwhile{' '}
          <button type="button" className="plain" onClick={readAgain}>
            Show
          </button>
        </p>
      )}
      {problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {problem === null && rows.length === 0 && (hasMore ? <Waiting what="your keys" /> : <Nothing maySee={maySee} />)}
      {rows.length > 0 && (
        <ul className="key-cards" aria-label="Keys">
          {rows.map((row) => (
            <KeyCard key={row.id} row={row} onOpen={() => onOpen(row.id)} />
          ))}
        </ul>
      )}
      {hasMore && rows.length > 0 && (
        <p>
          <button type="button" aria-disabled={isReading} onClick={() => void pages.readMore()}>
            Show more keys
          </button>
        </p>
      )}
      {isIssuing && (
        <IssueDialog
          rights={rights}
          onClose={(isIssued) => {
            setIssuing(false);
            if (isIssued) readAgain();
          }}
        />
      )}
    </>
  );
}

/**
 * Reads the keys, and follows their changes. `edition`: another one reads them again; what was read before stays until then.
 */
function useKeyPages(isWithEnded: boolean, edition: number, onGap: () => void): KeyPages {
  const client = useClient();
  const live = useLive();
  const pages = useMemo(() => {
    const order = { field: 'STOPS_AT', direction: 'ASC' } as const;
    const options = { shown: isWithEnded ? all : working, hidden: isWithEnded ? null : ended, order };
    return { edition, list: new KeyPages(client, options) };
  }, [client, isWithEnded, edition]).list;
  const whenMissed = useRef(onGap);
  useEffect(() => {
    whenMissed.current = onGap;
  });
  useEffect(() => {
    pages.start();
    const stopListening = live.listen((change) => {
      if (change === 'GAP') whenMissed.current();
      else pages.take(change);
    });
    return () => {
      stopListening();
      pages.stop();
    };
  }, [pages, live]);
  const [shown, setShown] = useState(pages);
  useEffect(() => {
    const show = () => {
      const { rows, hasMore } = pages.state.get();
      if (rows.length > 0 || !hasMore) setShown(pages);
    };
    show();
    return pages.state.subscribe(show);
  }, [pages]);
  return shown;
}

interface KeyCardProps {
  readonly row: KeyRowFragment;
  readonly onOpen: () => void;
}

function KeyCard({ row, onOpen }: KeyCardProps) {
  const isEnded = isEndedKey(row, useNow());
  const start = row.secrets.find(({ retiresAt }) => retiresAt === null)?.start ?? row.secrets[0]?.start;
  return (
    <li className="key-card">
      <div className="key-card-head">
        <button type="button" className="plain" onClick={onOpen}>
          {row.name}
        </button>
        <StateOfKey of={row} />
      </div>
      {row.warnings.map(({ code, from }) => (
        <p key={code} className="announced">
          {code === 'BROWNOUT_AHEAD' ? 'Refused for some minutes on' : 'An announced change will stop it on'}{' '}
          <DayWords day={from.slice(0, 10)} />
        </p>
      ))}
      <p className="quiet">
        {start !== undefined && <code>{start}…</code>}
        <span>
          {row.stopsAt === null ? (
            'never stops by itself'
          ) : (
            <>
              {isEnded ? 'stopped' : 'stops'} <RowMoment at={row.stopsAt} isCounting={!isEnded} />
            </>
          )}
        </span>
        <span>
          {row.lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <Ago at={row.lastUsedAt} />
            </>
          )}
        </span>
      </p>
    </li>
  );
}

function Nothing({ maySee }: { readonly maySee: boolean }) {
  return (
    <div className="sheet empty">
      <p>
        {maySee
          ? 'You have no key that works. A key lets one of your programs use the API.'
          : 'This page may not show your keys.'}
      </p>
    </div>
  );
}
