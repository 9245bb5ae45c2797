import type { JSONWebKeySet } from 'jose';
import { getText } from '../outbound/get-text.ts';
import { checkUntilAborted } from '../outbound/check-until-aborted.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import { parseJsonObject } from './parse-json-object.ts';
import { parseKeySet } from './parse-key-set.ts';
import { acceptedAlgorithms } from './parse-token.ts';

/** The most that is read of an issuer's answers, in bytes. */
const RESPONSE_MAX_BYTES = 1_000_000;

/** What an issuer signs with, as it says. */
export interface IssuerKeySet {
  readonly keySet: JSONWebKeySet;
  /** Those that it lists, of those that are accepted. */
  readonly algorithms: readonly string[];
}

/**
 * Finds an issuer's keys by discovery (OpenID Connect Discovery 1.0, section 4): its document has to say that it is of this
 * issuer. Every address is looked at, and connected to as it was looked at.
 *
 * @throws Error that says what was found.
 */
export async function fetchKeySet(issuer: string, addresses: SsrfGuard, signal: AbortSignal): Promise<IssuerKeySet> {
  const text = await fetchText(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, addresses, signal);
  const { issuer: named, jwks_uri: url, id_token_signing_alg_values_supported: listed } = parseJsonObject(text) ?? {};
  if (named !== issuer) throw new Error(`The document of ${issuer} is of another issuer, or is none.`);
  if (typeof url !== 'string') throw new Error(`The document of ${issuer} does not say where its keys are.`);
  const known = Array.isArray(listed) ? acceptedAlgorithms.filter((name) => listed.includes(name)) : acceptedAlgorithms;
  if (known.length === 0)
    throw new Error(`${issuer} signs by nothing that is accepted: ${acceptedAlgorithms.join(', ')}.`);
  const keySet = parseKeySet(await fetchText(url, addresses, signal));
  if (keySet === null) throw new Error(`${issuer} has no set of public keys at ${url}.`);
  return { keySet, algorithms: known };
}

async function fetchText(url: string, addresses: SsrfGuard, signal: AbortSignal): Promise<string> {
  const checked = await checkUntilAborted(addresses, url, signal);
  if (checked === null) throw new Error(`${url}: nobody knew in time where that is.`);
  if ('problem' in checked) throw new Error(`${url}: ${checked.problem}`);
  return getText({ url, addresses: checked.addresses, maxBytes: RESPONSE_MAX_BYTES, signal });
}
