import { LRUCache } from 'lru-cache';
import { DAY_MS } from '../../domain/duration.ts';
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { phrases } from './phrases.ts';

// A text is a list of parts. The first byte of a part says what it is: from PHRASE on a phrase of the list, DATE a UTC day as
// a number of days since 1970, LITERAL any other text, END the end.
const END = 0;
const LITERAL = 1;
const DATE = 2;
const PHRASE = 32;

const places = new Map(phrases.map((phrase, place) => [phrase, place]));

/** The longest phrase that fits, or a day such as 2026-11-23. */
const known = new RegExp(
  [...phrases.toSorted((a, b) => b.length - a.length), String.raw`\d{4}-\d\d-\d\d`].join('|').replaceAll('.', '\\.'),
  'g',
);

/** The bytes of recent texts, and the texts of recent bytes: many keys have the same. */
const written = new LRUCache<string, Uint8Array>({ max: 2_000 });
const texts = new LRUCache<string, string>({ max: 2_000 });

/** Writes a text: phrases by their places, days as numbers, all else as it is. */
export function writeCompactText(writer: ByteWriter, text: string): void {
  let bytes = written.get(text);
  if (bytes === undefined) {
    bytes = bytesOf(text);
    written.set(text, bytes);
  }
  writer.bytes(bytes);
}

function bytesOf(text: string): Uint8Array {
  const writer = new ByteWriter();
  let end = 0;
  const literal = (to: number) => {
    if (to === end) return;
    writer.byte(LITERAL);
    writer.text(text.slice(end, to));
  };
  for (const { 0: part, index } of text.matchAll(known)) {
    const place = places.get(part);
    const day = place === undefined ? dayOf(part) : null;
    if (place === undefined && day === null) continue;
    literal(index);
    if (place !== undefined) writer.byte(PHRASE + place);
    else if (day !== null) {
      writer.byte(DATE);
      writer.number(day);
    }
    end = index + part.length;
  }
  literal(text.length);
  writer.byte(END);
  return writer.take();
}

export function readCompactText(reader: ByteReader): string {
  return reader.cached(
    texts,
    () => skipText(reader),
    () => readText(reader),
  );
}

function skipText(reader: ByteReader): void {
  for (let kind = reader.byte(); kind !== END; kind = reader.byte()) {
    if (kind === LITERAL) reader.bytes(reader.number());
    else if (kind === DATE) reader.number();
  }
}

function readText(reader: ByteReader): string {
  let text = '';
  for (;;) {
    const kind = reader.byte();
    if (kind === END) return text;
    if (kind === LITERAL) text += reader.text();
    else if (kind === DATE) text += isoDay(reader.number());
    else text += phraseAt(kind - PHRASE);
  }
}

/** Returns a day as a number; null: it is none, or would be written in another way. */
function dayOf(text: string): number | null {
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return day >= 0 && isoDay(day) === text ? day : null;
}

function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function phraseAt(place: number): string {
  const phrase = phrases[place];
  if (phrase === undefined) throw new RangeError(`there is no phrase ${place}`);
  return phrase;
}
