import './timeline.css';
import {
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
} from 'react';
import { announce } from '../shell/announce.tsx';
import { AxisPicture, Background, Foreground, readWords, ReadoutPill } from './axis.tsx';
import { KEY_ROW_PX, KeyLaneRow } from './key-row.tsx';
import { LaneRow, RowFrame } from './lane-row.tsx';
import type { OpenLane } from './open-lanes.ts';
import { laneShapes, periodAt, scaleOf, type Plot } from './plot.ts';
import { Readout } from './readout.ts';
import type { OwnerLane, ShownTimeline } from './timeline-data.ts';

/** A row of a timeline. */
export type TimelineRow =
  | { readonly kind: 'all' | 'lane'; readonly lane: OwnerLane; readonly isOpen?: boolean }
  | { readonly kind: 'key'; readonly lane: OwnerLane; readonly index: number; readonly of: OpenLane }
  | { readonly kind: 'problem'; readonly lane: OwnerLane; readonly message: string }
  | { readonly kind: 'more' };

/** Returns how high a row is. */
export function heightOf({ kind }: TimelineRow): number {
  if (kind === 'all') return laneShapes.all.height;
  if (kind === 'lane') return laneShapes.owner.height;
  return kind === 'key' ? KEY_ROW_PX : 48;
}

/** A row where it stands: `start` pixels below the axis. */
export interface PlacedRow {
  readonly row: TimelineRow;
  readonly start: number;
}

interface ChartProps {
  readonly shown: ShownTimeline;
  readonly rows: readonly PlacedRow[];
  /** How high all rows are, those that are not in view included. */
  readonly height: number;
  readonly body?: RefObject<HTMLDivElement | null>;
  readonly onToggle?: (id: string) => void;
  readonly onRetry?: (id: string) => void;
  /** Where the keys of a lane are shown, if not here. */
  readonly hrefOf?: (id: string) => string;
}

/** The lanes of a timeline, below one axis. Only those rows are in the document that are given. */
export function Chart({ shown, rows, height, body, onToggle, onRetry, hrefOf }: ChartProps) {
  const [axis, width] = useWidth();
  const [readout] = useState(() => new Readout());
  const { from, to, all, lanes } = shown;
  const plot = useMemo<Plot>(() => ({ from, to, width }), [from, to, width]);
  const scales = useMemo(
    () => ({
      all: scaleOf([all.counts], laneShapes.all),
      owner: scaleOf(
        lanes.map(({ counts }) => counts),
        laneShapes.owner,
      ),
    }),
    [all, lanes],
  );
  const laneOf = (id: string) => lanes.find((lane) => lane.id === id) ?? all;
  const point = ({ clientX, target }: PointerEvent) => {
    const left = axis.current?.getBoundingClientRect().left ?? 0;
    const index = clientX < left ? null : periodAt(shown.starts, plot, clientX - left);
    if (index === null) readout.set(null);
    else readout.show(index, laneAt(target));
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const present = shown.starts.findLastIndex((start) => start <= shown.at);
    const before = readout.get()?.index ?? Math.max(present, 0) - step;
    const index = Math.min(Math.max(before + step, 0), shown.starts.length - 1);
    const lane = laneAt(event.target);
    readout.show(index, lane);
    announce(readWords(shown, laneOf(lane), index));
  };
  return (
    <div
      className="sheet timeline"
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => readout.set(null)}
    >
      <div className="axis">
        <span>Owner</span>
        <div ref={axis}>{width > 0 && <AxisPicture shown={shown} plot={plot} />}</div>
        <ReadoutPill shown={shown} plot={plot} readout={readout} laneOf={laneOf} />
      </div>
      <div className="rows" ref={body} style={{ height }} role="list" aria-label="Owners" onKeyDown={move}>
        {width > 0 && <Background shown={shown} plot={plot} />}
        {width > 0 &&
          rows.map(({ row, start }) => {
            switch (row.kind) {
              case 'all':
                return (
                  <LaneRow
                    key="all"
                    lane={row.lane}
                    shown={shown}
                    plot={plot}
                    shape={laneShapes.all}
                    scale={scales.all}
                    start={start}
                  />
                );
              case 'lane': {
                const { id } = row.lane;
                return (
                  <LaneRow
                    key={id}
                    lane={row.lane}
                    shown={shown}
                    plot={plot}
                    shape={laneShapes.owner}
                    scale={scales.owner}
                    start={start}
                    isOpen={row.isOpen ?? false}
                    {...(onToggle !== undefined && { onToggle })}
                    {...(hrefOf !== undefined && { href: hrefOf(id) })}
                  />
                );
              }
              case 'key': {
                const key = row.of.keys[row.index];
                const { id } = row.lane;
                return (
                  <KeyLaneRow
                    key={key?.id ?? `${id} ${String(row.index)}`}
                    of={key}
                    lane={id}
                    plot={plot}
                    start={start}
                  />
                );
              }
              case 'problem':
                return (
                  <RowFrame
                    key={`problem ${row.lane.id}`}
                    className="wide"
                    lane=""
                    start={start}
                    height={heightOf(row)}
                  >
                    <span>
                      {row.message}{' '}
                      <button type="button" className="plain" onClick={() => onRetry?.(row.lane.id)}>
                        Try again
                      </button>
                    </span>
                  </RowFrame>
                );
              case 'more':
                return (
                  <RowFrame key="more" className="wide" lane="" start={start} height={heightOf(row)}>
                    <span className="quiet">Loading more owners…</span>
                  </RowFrame>
                );
            }
          })}
        {width > 0 && <Foreground shown={shown} plot={plot} readout={readout} />}
      </div>
    </div>
  );
}

/** Returns the lane in whose row an element is; an empty text: of all owners. */
function laneAt(target: EventTarget): string {
  const row = target instanceof Element ? target.closest('[data-lane]') : null;
  return row?.getAttribute('data-lane') ?? '';
}

function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = () => setWidth(current.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}

/** What the shapes and colours of a timeline mean. It has the pattern of all its pictures too. */
export function Legend() {
  return (
    <p className="legend timeline-legend">
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path className="by-hand" d="M3 10V4q0-2 2-2h6q2 0 2 2v6z" />
          <path className="waterline" d="M0 10.5h16" />
        </svg>
        above the line: by hand
      </span>
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path className="by-itself" d="M3 6v6q0 2 2 2h6q2 0 2-2V6z" />
          <path className="waterline" d="M0 5.5h16" />
        </svg>
        below: by itself
      </span>
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <defs>
            <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <path className="hatch" d="M1.25 0v5" />
            </pattern>
          </defs>
          <path className="rotating" d="M0 3h16v10H0z" />
        </svg>
        rotating: an old secret retires
      </span>
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path className="stopped" d="M3 12V6q0-2 2-2h6q2 0 2 2v6z" />
          <path className="waterline" d="M0 12.5h16" />
        </svg>
        has stopped
      </span>
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path className="renewal" d="M4 2.5h8M8 2.5v12" />
        </svg>
        planned renewal
      </span>
      <span>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path className="freeze" d="M0 1h16v14H0z" />
        </svg>
        freeze
      </span>
    </p>
  );
}
