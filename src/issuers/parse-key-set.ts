import type { JSONWebKeySet, JWK } from 'jose';
import { parseJsonObject } from './parse-json-object.ts';

/** The most keys that a set may have. Providers publish a handful. */
const KEYS_MAX = 100;

/** The public members of a JWK, by its `kty` (RFC 7518, section 6; RFC 8037). */
const publicMembers: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
]);

/**
 * Parses a JWK set (RFC 7517) and returns its public signing keys; null: the text is not a set, has more than 100 keys, or has no
 * such key. Symmetric keys, unknown key types and the private members of keys are left out.
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
  const optional = Object.entries({ kid, alg, use }).filter(([, value]) => typeof value === 'string');
  return { kty, ...Object.fromEntries([...optional, ...members.map((name) => [name, entry[name]])]) } as JWK;
}
