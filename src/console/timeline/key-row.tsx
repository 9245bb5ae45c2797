import { memo } from 'react';
import { shownState, stateWords } from '../parts/key-state.ts';
import { localDayOf, relativeTime } from '../parts/time.ts';
import { useNow } from '../parts/use-now.ts';
import { paths } from '../routes.ts';
import { Link } from '../shell/link.tsx';
import { RowFrame } from './lane-row.tsx';
import type { LaneKey } from './open-lanes.ts';
import { xOf, type Plot } from './plot.ts';

export const KEY_ROW_PX = 28;

/** The bar of a key, and how far its wall stands over it. */
const TOP = 9;
const THICK = 10;
const OVER = 4;

/** How long the next life of a key is drawn that is renewed by itself. */
const NEXT_PX = 32;

/** About how wide a character of the words is. */
const CHARACTER_PX = 6;

/** In a narrower picture the words say only how far away the stop is. */
const NARROW_PX = 420;

interface KeyRowProps {
  readonly of: LaneKey | undefined;
  readonly lane: string;
  readonly plot: Plot;
  readonly start: number;
}

/** A key: its life, and what stands at the end of it. */
export const KeyLaneRow = memo(function KeyLaneRow({ of: key, lane, plot, start }: KeyRowProps) {
  const now = useNow();
  return (
    <RowFrame className="key" lane={lane} start={start} height={KEY_ROW_PX}>
      {key === undefined ? (
        <span className="unread" />
      ) : (
        <>
          <Link href={paths.key(key.id)} title={key.name}>
            {key.name}
            <span className="unseen"> stops {stopWords(key, now)}</span>
          </Link>
          <KeyPicture of={key} plot={plot} now={now} />
        </>
      )}
    </RowFrame>
  );
});

function stopWords(key: LaneKey, now: Date): string {
  const stop = new Date(key.stopsAt ?? 0);
  const state = shownState(key, now);
  return [
    localDayOf(stop),
    relativeTime(stop, now),
    ...(isByHand(key) ? ['by hand'] : []),
    ...(['held', 'dormant', 'expired'].includes(state) ? [stateWords[state].toLowerCase()] : []),
  ].join(', ');
}

function isByHand({ automation }: LaneKey): boolean {
  return automation !== 'WORKING';
}

function KeyPicture({ of: key, plot, now }: { readonly of: LaneKey; readonly plot: Plot; readonly now: Date }) {
  const { width } = plot;
  const place = (at: string | number) => xOf(plot, typeof at === 'number' ? at : Date.parse(at));
  const within = (x: number) => Math.min(Math.max(x, 0), width);
  const [born, present, stop] = [place(key.createdAt), place(now.getTime()), place(key.stopsAt ?? plot.to)];
  const kind = isByHand(key) ? 'by-hand' : 'by-itself';
  const over = bar(within(born), within(Math.min(present, stop)));
  const left = bar(within(Math.max(present, born)), within(stop));
  const { suggestedAt } = key.renewalInfo;
  const renewal = suggestedAt == null || isByHand(key) ? null : place(suggestedAt);
  const rotation = key.rotation ?? null;
  const rotated = rotation === null ? 0 : place(rotation.previousRetiresAt);
  const words = placeWords(key, now, { stop, rotated, width });
  return (
    <svg className="plot" width={width} height={KEY_ROW_PX} aria-hidden="true">
      <path className={`${kind} over`} d={over} />
      <path className={kind} d={left} />
      {isByHand(key) ? (
        <path className="wall" d={`M${px(stop)} ${px(TOP - OVER)}v${px(THICK + 2 * OVER)}`} />
      ) : (
        <path
          className="next-life"
          d={`M${px(stop + 2)} ${px(TOP + 0.5)}h${px(NEXT_PX)}v${px(THICK - 1)}h${px(-NEXT_PX)}z`}
        />
      )}
      {rotation !== null && (
        <path
          className="rotating"
          d={bar(within(place(rotation.startedAt)), within(place(rotation.previousRetiresAt)))}
        />
      )}
      {renewal !== null && (
        <path className="renewal" d={`M${px(renewal - 3.5)} ${px(TOP - OVER)}h7m-3.5 0v${px(THICK + OVER)}`} />
      )}
      {words.ground !== '' && <path className="ground" d={words.ground} />}
      <text x={px(words.x)} y={TOP + THICK - 1} textAnchor={words.anchor}>
        {words.text}
      </text>
    </svg>
  );
}

interface Placed {
  readonly stop: number;
  /** Where the rotation ends; 0: there is none. */
  readonly rotated: number;
  readonly width: number;
}

/**
 * Returns where the words of a stop stand: behind all that is drawn, in short where there is little place, and where there is none
 * upon the bar.
 */
function placeWords(key: LaneKey, now: Date, { stop, rotated, width }: Placed) {
  const short = relativeTime(new Date(key.stopsAt ?? 0), now);
  const behind = Math.max(stop + (isByHand(key) ? 7 : NEXT_PX + 8), rotated + 7);
  const fits = (text: string) => behind + text.length * CHARACTER_PX <= width;
  const text = width >= NARROW_PX && fits(stopWords(key, now)) ? stopWords(key, now) : short;
  if (fits(text)) return { text, x: behind, anchor: 'start' as const, ground: '' };
  const right = Math.min(Math.max(stop, rotated), width) - 6;
  const left = right - text.length * CHARACTER_PX - 8;
  return { text, x: right - 4, anchor: 'end' as const, ground: `M${px(left)} 5H${px(right)}V23H${px(left)}z` };
}

function bar(from: number, to: number): string {
  return to > from ? `M${px(from)} ${px(TOP)}H${px(Math.max(to, from + 2))}v${px(THICK)}H${px(from)}z` : '';
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
