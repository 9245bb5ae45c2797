import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type CSSProperties } from 'react';
import type { KeyRowFragment } from '../../api/operations.ts';
import { isEndedKey } from '../../parts/key-state.ts';
import { Ago, RowMoment } from '../../parts/moment-button.tsx';
import { StateOfKey } from '../../parts/state-of-key.tsx';
import { useNow } from '../../parts/use-now.ts';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { rowCountOf, type KeyPagesState } from './key-pages.ts';

const ROW_PX = 48;
const NARROW_ROW_PX = 92;

/** How many rows ahead of the last one in view the next page is read. */
const READ_AHEAD = 40;

const narrow = window.matchMedia('(width < 48rem)');

interface KeyListTableProps {
  readonly state: KeyPagesState;
  readonly onNearEnd: () => void;
}

/** The rows of the list. Only those in view are in the document; the page scrolls. */
export function KeyListTable({ state, onNearEnd }: KeyListTableProps) {
  const body = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const isNarrow = useIsNarrow();
  const count = rowCountOf(state);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => (isNarrow ? NARROW_ROW_PX : ROW_PX),
    overscan: 8,
    scrollMargin,
  });
  useLayoutEffect(() => {
    setScrollMargin(body.current?.offsetTop ?? 0);
  });
  useEffect(() => virtualizer.measure(), [virtualizer, isNarrow]);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { rows, hasMore, isReading } = state;
  useEffect(() => {
    if (hasMore && !isReading && last + READ_AHEAD >= rows.length) onNearEnd();
  });
  return (
    <div className="sheet key-list" role="table" aria-label="Keys" aria-rowcount={count + 1}>
      <div role="rowgroup">
        <div role="row" className="head" aria-rowindex={1}>
          <span role="columnheader">Key</span>
          <span role="columnheader">State</span>
          <span role="columnheader">Stops</span>
          <span role="columnheader">Last used</span>
          <span role="columnheader">Owner</span>
        </div>
      </div>
      <div role="rowgroup" className="rows" ref={body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const style = { transform: `translateY(${start - scrollMargin}px)` };
          const row = rows[index];
          return row === undefined ? (
            <UnreadRow key={index} index={index} style={style} />
          ) : (
            <KeyRowView key={row.id} row={row} index={index} style={style} />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly index: number;
  readonly style: CSSProperties;
}

function KeyRowView({ row, index, style }: RowProps & { readonly row: KeyRowFragment }) {
  const isEnded = isEndedKey(row, useNow());
  const start = row.secrets.find(({ retiresAt }) => retiresAt === null)?.start ?? row.secrets[0]?.start;
  return (
    <div role="row" aria-rowindex={index + 2} style={style}>
      <div role="cell" className="key-name">
        <Link href={paths.key(row.id)} title={row.name}>
          {row.name}
        </Link>
        {start !== undefined && <code className="quiet">{start}…</code>}
      </div>
      <div role="cell">
        <StateOfKey of={row} />
      </div>
      <div role="cell" className="stops">
        {row.stopsAt === null ? (
          <span className="quiet">never</span>
        ) : (
          <RowMoment at={row.stopsAt} isCounting={!isEnded} />
        )}
      </div>
      <div role="cell" className="wide">
        {row.lastUsedAt === null ? <span className="quiet">never</span> : <Ago at={row.lastUsedAt} />}
      </div>
      <div role="cell" className="wide" title={row.owner.name}>
        {row.owner.name}
      </div>
    </div>
  );
}

function UnreadRow({ index, style }: RowProps) {
  return (
    <div role="row" aria-rowindex={index + 2} style={style}>
      <div role="cell">
        <div className="unread" />
      </div>
    </div>
  );
}

function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(narrow.matches);
  useEffect(() => {
    const change = () => setNarrow(narrow.matches);
    narrow.addEventListener('change', change);
    return () => narrow.removeEventListener('change', change);
  }, []);
  return isNarrow;
}
