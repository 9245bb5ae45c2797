import { createPublicKey, type KeyObject } from 'node:crypto';

/** By their identifiers. */
export type GithubKeyMap = ReadonlyMap<string, KeyObject>;

/**
 * The keys of a list as GitHub publishes it ({ public_keys: [{ key_identifier, key, is_current }] }), of those that are
 * current and on P-256. Null: it is no such list, or none of its keys is.
 */
export function parseGithubKeys(text: string): GithubKeyMap | null {
  const entries = entriesOf(text);
  if (!Array.isArray(entries)) return null;
  const keys = new Map<string, KeyObject>();
  for (const entry of entries as readonly unknown[]) {
    const { key_identifier: id, key: pem, is_current: isCurrent } = (entry ?? {}) as Record<string, unknown>;
    const key = isCurrent === true && typeof pem === 'string' ? publicKeyOf(pem) : null;
    if (typeof id === 'string' && key !== null) keys.set(id, key);
  }
  return keys.size === 0 ? null : keys;
}

function entriesOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { public_keys?: unknown } | null)?.public_keys;
  } catch {
    return null;
  }
}

function publicKeyOf(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}
