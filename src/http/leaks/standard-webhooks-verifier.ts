import { verify, type KeyObject } from 'node:crypto';
import { MINUTE_MS } from '../../domain/duration.ts';
import { isSameDigest } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { Clock } from '../../store/clock.ts';
import { hmacOf, signedContent } from '../../webhooks/signature.ts';
import type { ReportVerifier } from './report-verifier.ts';

/** What a source's signatures are verified with: a shared secret, or the source's public key. */
export type LeakSourceSecret = { readonly secret: Sensitive<Buffer> } | { readonly publicKey: KeyObject };

/**
 * How far a request's timestamp may differ from now in either direction: the tolerance of the specification's
 * libraries.
 */
const TOLERANCE_MS = 5 * MINUTE_MS;

/** How many signatures of a request are checked. */
const SIGNATURES_MAX = 10;

/**
 * Returns a verifier for signatures of Standard Webhooks 1.0.0 ("Verifying webhook authenticity") by any of these
 * secrets.
 */
export function createStandardWebhooksVerifier(secrets: readonly LeakSourceSecret[], clock: Clock): ReportVerifier {
  return async (headers) => {
    const id = headers['webhook-id'];
    const timestamp = headers['webhook-timestamp'];
    const list = headers['webhook-signature'];
    if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof list !== 'string') {
      return 'The request is not signed.';
    }
    if (!/^\d{1,12}$/.test(timestamp)) return 'The timestamp is not a number of seconds.';
    if (Math.abs(clock.now().getTime() - Number(timestamp) * 1000) > TOLERANCE_MS)
      return 'The timestamp differs from the present time by more than 5 minutes.';
    return (body) => {
      const content = signedContent(id, timestamp, body);
      const signatures = list.split(' ', SIGNATURES_MAX);
      const isValid = signatures.some((signature) =>
        secrets.some((secret) => isSignatureOf(secret, signature, content)),
      );
      return isValid ? null : 'No signature matches the body.';
    };
  };
}

function isSignatureOf(source: LeakSourceSecret, signature: string, content: Buffer): boolean {
  const [version, text = ''] = signature.split(',', 2);
  const bytes = Buffer.from(text, 'base64');
  if ('secret' in source) return version === 'v1' && isSameDigest(bytes, hmacOf(source.secret, content));
  return version === 'v1a' && verify(null, content, source.publicKey, bytes);
}
