import { isSameDigest, parseSecret, Secret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';

/** Whether a text is the given secret. Compares digests in constant time. */
export function isSameSecret(found: string, secret: Sensitive<string>): boolean {
  const parsed = parseSecret(found);
  return parsed !== null && isSameDigest(parsed.digest(), new Secret(secret.reveal()).digest());
}
