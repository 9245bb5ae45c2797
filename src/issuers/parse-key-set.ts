import type { JSONWebKeySet, JWK } from 'jose';
import { parseJsonObject } from './parse-json-object.ts';

/** The most keys that a set may have. Providers have a handful. */
const KEYS_MAX = 100;

/** What of a JWK is public and of use, by its type (RFC 7518, section 6; RFC 8037). */
const publicMembers: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
]);

/**
 * The public keys of a JWK set (RFC 7517) that can have signed something; null: it is no set, or none of its keys can. Keys
 * that are shared, or of types that nobody knows here, are left out, as is all of a key that is not public.
 */
export function parseKeySet(text: string): JSONWebKeySet | null {
  const entries = parseJsonObject(text)?.['keys'];
  if (!Array.isArray(entries) || entries.length > KEYS_MAX) return null;
  const keys = entries.flatMap((entry) => toPublicKey((entry ?? {}) as Record<string, unknown>) ?? []);
  return keys.length === 0 ? null : { keys };
}

function toPublicKey(entry: Record<string, unknown>): JWK | null {
  const { kty, use, kid, alg } = entry;
  const members = typeof kty === 'string' ? publicMembers.get(kty) : undefined;
  if (members === undefined || (use !== undefined && use !== 'sig')) return null;
  if (!members.every((name) => typeof entry[name] === 'string')) return null;
  const told = Object.entries({ kid, alg, use }).filter(([, value]) => typeof value === 'string');
  return { kty, ...Object.fromEntries([...told, ...members.map((name) => [name, entry[name]])]) } as JWK;
}
