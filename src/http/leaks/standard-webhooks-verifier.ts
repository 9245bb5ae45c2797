import { verify, type KeyObject } from 'node:crypto';
import { MINUTE_MS } from '../../domain/duration.ts';
import { isSameDigest } from '../../domain/secret.ts';
import type { Sensitive } from '../../domain/sensitive.ts';
import type { Clock } from '../../store/clock.ts';
import { hmacOf, signedContent } from '../../webhooks/signature.ts';
import type { ReportVerifier } from './report-verifier.ts';

/** What a source signs with: a secret that both have, or a key of which only the public half is here. */
export type LeakSourceSecret = { readonly secret: Sensitive<Buffer> } | { readonly publicKey: KeyObject };

/** How far a request's moment may lie from now, either way, as the specification's own libraries have it. */
const TOLERANCE_MS = 5 * MINUTE_MS;

/** How many signatures of a request are looked at. */
const SIGNATURES_MAX = 10;

/** Proves requests that are signed after Standard Webhooks 1.0.0 ("Verifying webhook authenticity"), by any of these. */
export function createStandardWebhooksVerifier(secrets: readonly LeakSourceSecret[], clock: Clock): ReportVerifier {
  return async (headers) => {
    const id = headers['webhook-id'];
    const timestamp = headers['webhook-timestamp'];
    const list = headers['webhook-signature'];
    if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof list !== 'string') {
      return 'The request is not signed.';
    }
    if (!/^\d{1,12}$/.test(timestamp)) return 'The timestamp is no number of seconds.';
    if (Math.abs(clock.now().getTime() - Number(timestamp) * 1000) > TOLERANCE_MS)
      return 'The timestamp is not of now.';
    return (body) => {
      const content = signedContent(id, timestamp, body);
      const signatures = list.split(' ', SIGNATURES_MAX);
      const isSigned = signatures.some((one) => secrets.some((secret) => isSignatureOf(secret, one, content)));
      return isSigned ? null : 'No signature is of this body.';
    };
  };
}

function isSignatureOf(by: LeakSourceSecret, signature: string, content: Buffer): boolean {
  const [version, text = ''] = signature.split(',', 2);
  const bytes = Buffer.from(text, 'base64');
  if ('secret' in by) return version === 'v1' && isSameDigest(bytes, hmacOf(by.secret, content));
  return version === 'v1a' && verify(null, content, by.publicKey, bytes);
}
