import { verify } from 'node:crypto';
import type { GithubKeys } from './github-keys.ts';
import type { ReportVerifier } from './report-verifier.ts';

/** In base64: an ECDSA signature on P-256 has 72 bytes of DER at most (RFC 3279, section 2.2.3). */
const SIGNATURE = /^[A-Za-z0-9+/]{1,96}={0,2}$/;

/**
 * Proves requests of GitHub's secret scanning (docs.github.com, "Secret scanning partner program"): ECDSA on P-256 over the
 * SHA-256 of the body as it came, by a key that is current. There is no moment in it: what comes again is as good.
 */
export function createGithubVerifier(keys: GithubKeys): ReportVerifier {
  return async (headers) => {
    const id = headers['github-public-key-identifier'];
    const signature = headers['github-public-key-signature'];
    if (typeof id !== 'string' || typeof signature !== 'string') return 'The request is not signed.';
    if (!SIGNATURE.test(signature)) return 'The signature is not one.';
    const key = await keys.find(id);
    if (key === null) return 'No current key of GitHub has this identifier.';
    return (body) => {
      const isSigned = verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'));
      return isSigned ? null : 'The signature is not of this body.';
    };
  };
}
