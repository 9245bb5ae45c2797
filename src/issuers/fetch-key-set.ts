import type { JSONWebKeySet } from 'jose';
import { getText } from '../outbound/get-text.ts';
import { type SsrfGuard, checkUntilAborted } from '../outbound/ssrf-guard.ts';
import { parseJsonObject } from './parse-json-object.ts';
import { parseKeySet } from './parse-key-set.ts';
import { acceptedAlgorithms } from './parse-token.ts';

/** The most that is read of an issuer's response, in bytes. */
const RESPONSE_MAX_BYTES = 1_000_000;

/** The keys and algorithms that an issuer publishes. */
export interface IssuerKeySet {
  readonly keySet: JSONWebKeySet;
  /** The accepted algorithms among those that the issuer lists; if it lists none, all accepted algorithms. */
  readonly algorithms: readonly string[];
}

/**
 * Fetches an issuer's public keys by discovery (OpenID Connect Discovery 1.0, section 4). The `issuer` of the document must be
 * this issuer. Every URL passes the SSRF guard, and the connection goes to the address that the guard checked, so that DNS
 * rebinding has no effect.
 *
 * @throws Error that names the URL and what was found there.
 */
export async function fetchKeySet(issuer: string, addresses: SsrfGuard, signal: AbortSignal): Promise<IssuerKeySet> {
  const text = await fetchText(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, addresses, signal);
  const { issuer: named, jwks_uri: url, id_token_signing_alg_values_supported: listed } = parseJsonObject(text) ?? {};
  if (named !== issuer)
    throw new Error(`The discovery document of ${issuer} is missing, is not JSON, or names another issuer.`);
  if (typeof url !== 'string') throw new Error(`The discovery document of ${issuer} has no jwks_uri.`);
  const accepted = Array.isArray(listed)
    ? acceptedAlgorithms.filter((name) => listed.includes(name))
    : acceptedAlgorithms;
  if (accepted.length === 0) {
    throw new Error(`${issuer} lists no accepted algorithm; expected one of ${acceptedAlgorithms.join(', ')}.`);
  }
  const keySet = parseKeySet(await fetchText(url, addresses, signal));
  if (keySet === null) throw new Error(`${issuer} has no JWK set with public keys at ${url}.`);
  return { keySet, algorithms: accepted };
}

async function fetchText(url: string, addresses: SsrfGuard, signal: AbortSignal): Promise<string> {
  const checked = await checkUntilAborted(addresses, url, signal);
  if (checked === null) throw new Error(`${url}: the host name could not be resolved in time.`);
  if ('problem' in checked) throw new Error(`${url}: ${checked.problem}`);
  return getText({ url, addresses: checked.addresses, maxBytes: RESPONSE_MAX_BYTES, signal });
}
