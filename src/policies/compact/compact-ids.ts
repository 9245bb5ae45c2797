import { LRUCache } from 'lru-cache';
import { decodeUuid, encodeUuid, kindOf } from '../../domain/id.ts';
import type { ByteReader } from './byte-reader.ts';

const BINDING = 'binding_';
const hexHash = /^[0-9a-f]{64}$/;

/** The forms of recent ids and hashes: a realm has few bindings. */
const RECENT = { max: 500 } as const;
const bytesById = new LRUCache<string, { readonly bytes: Uint8Array | null }>(RECENT);
const bytesByHash = new LRUCache<string, { readonly bytes: Uint8Array | null }>(RECENT);
const idsByBytes = new LRUCache<string, string>(RECENT);
const hashesByBytes = new LRUCache<string, string>(RECENT);

/** Returns the bytes of a binding's id; null: it has another form. */
export function bytesOfId(id: string): Uint8Array | null {
  const known = bytesById.get(id);
  if (known !== undefined) return known.bytes;
  const bytes = kindOf(id) === 'binding' ? decodeUuid(id.slice(BINDING.length)) : null;
  bytesById.set(id, { bytes });
  return bytes;
}

/** Returns the bytes of a module's hash; null: it has another form. */
export function bytesOfHash(hash: string): Uint8Array | null {
  const known = bytesByHash.get(hash);
  if (known !== undefined) return known.bytes;
  const bytes = hexHash.test(hash) ? Buffer.from(hash, 'hex') : null;
  bytesByHash.set(hash, { bytes });
  return bytes;
}

/** Reads the id of a binding that was written as bytes. */
export function readId(reader: ByteReader): string {
  return reader.cached(
    idsByBytes,
    () => void reader.bytes(16),
    () => BINDING + encodeUuid(reader.bytes(16)),
  );
}

/** Reads the hash of a module that was written as bytes. */
export function readHash(reader: ByteReader): string {
  return reader.cached(
    hashesByBytes,
    () => void reader.bytes(32),
    () => Buffer.from(reader.bytes(32)).toString('hex'),
  );
}
