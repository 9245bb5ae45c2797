import { verify } from 'node:crypto';
import type { GithubKeys } from './github-keys.ts';
import type { ReportVerifier } from './report-verifier.ts';

/** A signature in base64. An ECDSA signature on P-256 takes at most 72 bytes of DER (RFC 3279, section 2.2.3). */
const SIGNATURE = /^[A-Za-z0-9+/]{1,96}={0,2}$/;

/**
 * Returns a verifier for reports of GitHub's secret scanning (docs.github.com, "Secret scanning partner program"):
 * ECDSA on P-256 over the SHA-256 of the raw body, with a current key. The signature covers no timestamp, so a replayed
 * report is accepted again.
 */
export function createGithubVerifier(keys: GithubKeys): ReportVerifier {
  return async (headers) => {
    const id = headers['github-public-key-identifier'];
    const signature = headers['github-public-key-signature'];
    if (typeof id !== 'string' || typeof signature !== 'string') return 'The request is not signed.';
    if (!SIGNATURE.test(signature)) return 'The signature is not base64, or is too long.';
    const key = await keys.find(id);
    if (key === null) return 'No current key of GitHub has this identifier.';
    return (body) => {
      const isValid = verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'));
      return isValid ? null : 'The signature does not match the body.';
    };
  };
}
