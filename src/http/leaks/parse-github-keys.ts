import { createPublicKey, type KeyObject } from 'node:crypto';

/** GitHub's public keys by identifier. */
export type GithubKeyMap = ReadonlyMap<string, KeyObject>;

/**
 * Parses a list as GitHub publishes it ({ public_keys: [{ key_identifier, key, is_current }] }) and returns its current
 * keys on P-256. Returns null if the text is not such a list, or if it has no such key.
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
