// The format of the journal of revocations: a file of lines. A line is the CRC-32 of its text and the length of its text,
// each in 8 hexadecimal digits, and the text: an entry in JSON, in ASCII. A process that is killed while it writes leaves
// a line that is cut short; the next one begins a new line and writes the same entries again.

import { crc32 } from 'node:zlib';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { KeySnapshot } from './key-snapshot.ts';

/** The only version of the format so far. */
export const JOURNAL_FORMAT = 1;

/** Begins a history of a database, or continues it after a gap. A file may have the histories of several databases. */
export interface HistoryEntry {
  readonly format: number;
  readonly lineage: string;
  /** The history whose journal was replayed when this one began. */
  readonly parent: string | null;
  /** The last position before those that the journal covers from here on. */
  readonly from: string;
}

/** An event, and the key as it was when the entry was written: at the event, or after later events. */
export interface EventEntry {
  readonly lineage: string;
  readonly position: string;
  readonly event: JournaledEvent;
  readonly key: KeySnapshot | null;
}

/** Says that the journal has all events of a history up to a position. */
export interface CheckpointEntry {
  readonly lineage: string;
  readonly position: string;
}

export type JournalEntry = HistoryEntry | EventEntry | CheckpointEntry;

/** An event as the journal has it: instants as text. */
export interface JournaledEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly keyId: string | null;
  readonly realmId: string | null;
  readonly ownerId: string | null;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly reason: string | null;
  readonly data: unknown;
}

/** Returns the entry of an event. */
export function createEventEntry(lineage: string, event: Event, key: KeySnapshot | null): EventEntry {
  const { id, type, at, keyId, realmId, ownerId, actorKind, actorId, actorName, reason, data, position } = event;
  const subject = { keyId, realmId, ownerId, actorKind, actorId, actorName, reason, data };
  return { lineage, position: String(position), event: { id, type, at: at.toISOString(), ...subject }, key };
}

/** Returns the line of an entry, with its line break. */
export function formatEntry(entry: JournalEntry): string {
  const text = JSON.stringify(entry).replaceAll(/[^ -~]/g, escapeUnit); // a byte for each character
  return `${toHex(crc32(text))} ${toHex(text.length)} ${text}\n`;
}

/**
 * Reads a line without its line break. Returns null if it is empty or was cut short, and ALTERED if it was changed otherwise.
 * After a power failure the rest of a line may be zeros.
 */
export function parseEntry(found: string): JournalEntry | 'ALTERED' | null {
  const line = found.replace(/\0+$/, '');
  const [, checksum, length = '', text = ''] = /^([0-9a-f]{8}) ([0-9a-f]{8}) (.*)$/.exec(line) ?? [];
  if (checksum === undefined) return /^[0-9a-f]{0,8}$|^[0-9a-f]{8} [0-9a-f]{0,8}$/.test(line) ? null : 'ALTERED';
  if (text.length < Number.parseInt(length, 16)) return null;
  return checksum === toHex(crc32(text)) ? (JSON.parse(text) as JournalEntry) : 'ALTERED';
}

function toHex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
