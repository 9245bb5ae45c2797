import { DAY_MS } from '../../domain/duration.ts';
import type { LaneCounts, OwnerLane } from './timeline-data.ts';

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const hours = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** Returns a period in words, such as "14–20 Dec 2026". Days and weeks are those of UTC, shorter periods are local. */
export function periodWords(start: number, end: number): string {
  return end - start < DAY_MS ? hours.formatRange(start, end) : day.formatRange(start, end - 1);
}

export function countWords(count: number): string {
  return count.toLocaleString('en');
}

/** Returns what happens in a period in words, such as "12 stop, 3 by hand, 4 planned renewals". */
export function periodCounts({ byHand, byItself, renewals, retirements, stopped }: LaneCounts, index: number): string {
  const [hand = 0, itself = 0] = [byHand[index], byItself[index]];
  const more: readonly (readonly [number | undefined, string, string])[] = [
    [stopped[index], 'has stopped', 'have stopped'],
    [renewals[index], 'planned renewal', 'planned renewals'],
    [retirements[index], 'old secret retires', 'old secrets retire'],
  ];
  const words = more.flatMap(([count = 0, one, many]) =>
    count > 0 ? [`${countWords(count)} ${count === 1 ? one : many}`] : [],
  );
  const stops = `${countWords(hand + itself)} ${hand + itself === 1 ? 'stops' : 'stop'}`;
  return [stops, ...(hand > 0 ? [`${countWords(hand)} by hand`] : []), ...words].join(', ');
}

/** Returns what happens to the keys of a lane: how many stop, and how many have stopped. */
export function laneWords({ stops, stopped }: OwnerLane): string {
  const words = [
    ...(stops > 0 || stopped === 0 ? [`${countWords(stops)} ${stops === 1 ? 'stops' : 'stop'}`] : []),
    ...(stopped > 0 ? [`${countWords(stopped)} stopped`] : []),
  ];
  return words.join(', ');
}
