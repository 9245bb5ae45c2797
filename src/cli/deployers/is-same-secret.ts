import { isSameDigest, parseSecret, Secret } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';

/** Whether what was found somewhere is that secret, in a time that does not tell where they differ. */
export function isSameSecret(found: string, secret: Sensitive<string>): boolean {
  const parsed = parseSecret(found);
  return parsed !== null && isSameDigest(parsed.digest(), new Secret(secret.reveal()).digest());
}
