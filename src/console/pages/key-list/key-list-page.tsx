import './key-list.css';
import { useEffect, useMemo, useState } from 'react';
import { HOUR_MS } from '../../../domain/duration.ts';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { useStore } from '../../shell/observable-value.ts';
import { Problem } from '../../parts/problem.tsx';
import { useNow } from '../../parts/use-now.ts';
import { ChangeKeysDialog } from './change-keys-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import {
  hiddenKeys,
  noFilters,
  orderOf,
  readFilters,
  shownKeys,
  withEnded,
  writeFilters,
  type Filters,
} from './filters.ts';
import { KeyPages } from './key-pages.ts';
import { KeyListTable } from './key-list-table.tsx';

/** The list of keys. Its filters are in the address. */
export default function KeyListPage() {
  const { client, live, account } = useSession();
  const { search } = usePlace();
  const [edition, setEdition] = useState(0);
  const [isChanging, setChanging] = useState(false);
  const filters = useMemo(() => readFilters(search), [search]);
  const isTimed = filters.within !== '' || filters.unused !== '';
  const now = useNow();
  const hour = isTimed ? Math.ceil(now.getTime() / HOUR_MS) : 0;
  // Filters by time have whole hours, all others none: another filter would read all pages again.
  const pages = useMemo(() => {
    const at = new Date(hour * HOUR_MS);
    const options = { shown: shownKeys(filters, at), hidden: hiddenKeys(filters, at), order: orderOf(filters) };
    return { edition, list: new KeyPages(client, options) };
  }, [client, filters, hour, edition]).list;
  useEffect(() => {
    pages.start();
    const stopListening = live.listen((change) => {
      if (change === 'GAP') setEdition((number) => number + 1);
      else pages.take(change);
    });
    return () => {
      stopListening();
      pages.stop();
    };
  }, [pages, live]);
  const state = useStore(pages.state);
  const choose = (chosen: Filters, isReplaced = false) =>
    navigate(`${paths.keys}${writeFilters(chosen)}`, { isReplaced });
  const { total, hidden, issued, areMoreIssued, rows, hasMore, problem } = state;
  // Who manages an organization may change its keys; the gateway refuses others in words.
  const mayChangeMany = account.isAdministrator || filters.owner.startsWith('org');
  return (
    <>
      <div className="title-row">
        <PageTitle title="Keys" />
        <Counts total={hasMore ? total : Math.max(total ?? 0, rows.length)} />
        {hidden !== null && hidden > 0 && (
          <span className="count">
            {hidden.toLocaleString('en')} ended {hidden === 1 ? 'is' : 'are'} hidden{' '}
            <button type="button" className="plain" onClick={() => choose(withEnded(filters))}>
              Show
            </button>
          </span>
        )}
        <div className="buttons">
          {mayChangeMany && rows.length > 0 && (
            <button type="button" onClick={() => setChanging(true)}>
              Change these keys
            </button>
          )}
          <Link className="button primary" href={paths.newKeyIn(filters.realm)}>
            Issue a key
          </Link>
        </div>
      </div>
      <FilterBar filters={filters} onChange={choose} />
      {isChanging && <ChangeKeysDialog filter={shownKeys(filters, now)} onClose={() => setChanging(false)} />}
      {issued > 0 && (
        <p role="status">
          {areMoreIssued && 'At least '}
          {issued.toLocaleString('en')} issued meanwhile{' '}
          <button type="button" className="plain" onClick={() => setEdition(edition + 1)}>
            Show
          </button>
        </p>
      )}
      {problem !== null && <Problem message={problem} onRetry={() => setEdition(edition + 1)} />}
      {problem === null && rows.length === 0 && !hasMore ? (
        <Nothing isFiltered={writeFilters(filters) !== ''} onClear={() => choose(noFilters)} />
      ) : (
        <KeyListTable state={state} onNearEnd={() => void pages.readMore()} />
      )}
    </>
  );
}

function Counts({ total }: { readonly total: number | null }) {
  if (total === null) return null;
  return (
    <span className="count" role="status">
      {total.toLocaleString('en')} {total === 1 ? 'key' : 'keys'}
    </span>
  );
}

function Nothing({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  return (
    <div className="sheet empty">
      {isFiltered ? (
        <>
          <p>No key matches these filters.</p>
          <button type="button" onClick={onClear}>
            Clear the filters
          </button>
        </>
      ) : (
        <>
          <p>There is no key yet. A key lets one program use your API, for as long as you choose.</p>
          <Link className="button" href={paths.newKey}>
            Issue the first key
          </Link>
        </>
      )}
    </div>
  );
}
