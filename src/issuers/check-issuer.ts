import type { JSONWebKeySet } from 'jose';
import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { checkText } from '../domain/check-text.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { badUserInput } from '../domain/request-error.ts';
import { textProblem } from '../domain/text.ts';
import type { SsrfGuard } from '../outbound/ssrf-guard.ts';
import type { Transaction } from '../store/core.ts';
import { isPresetUrl, presetOf, findOnlyUrl, type PresetName } from './presets/presets.ts';
import { parseKeySet } from './parse-key-set.ts';

/** The longest name, URL, audience and key set (as JSON), in characters. */
const NAME_MAX_LENGTH = 100;
const URL_MAX_LENGTH = 500;
const AUDIENCE_MAX_LENGTH = 500;
const KEY_SET_MAX_LENGTH = 50_000;

/** Checks the name and the audience of an issuer; null is not checked. Throws BAD_USER_INPUT for a malformed value. */
export function checkNames({
  name,
  audience,
}: {
  readonly name: string | null;
  readonly audience: string | null;
}): void {
  if (name !== null) checkText('name', name, NAME_MAX_LENGTH);
  if (audience !== null) checkText('audience', audience, AUDIENCE_MAX_LENGTH);
}

/**
 * Returns the issuer’s URL: the given URL, or else the provider’s fixed URL.
 *
 * @throws BAD_USER_INPUT if no URL is given and the provider has no fixed one, if the URL is malformed, or if it does
 * not belong to the provider.
 */
export function resolveIssuerUrl(url: string | null, preset: PresetName | null): string {
  const provider = presetOf(preset);
  const found = url ?? findOnlyUrl(provider);
  if (found === null)
    throw issuerFieldError('url', 'found nothing; a URL is required unless the preset has a fixed one.');
  const problem = textProblem(found, { name: 'url', max: URL_MAX_LENGTH });
  if (problem !== null) throw badUserInput(problem, ['input', 'url']);
  if (!/^https?:\/\/[^?#]+$/.test(found) || !URL.canParse(found)) {
    throw issuerFieldError('url', 'expected an http or https URL without query and fragment.');
  }
  if (!isPresetUrl(provider, found))
    throw issuerFieldError('url', `expected a URL of ${provider.title}: ${provider.urls.join(' or ')}.`);
  return found;
}

/** Returns the public keys of a JWK set, given as an object or as JSON text. Throws BAD_USER_INPUT if it has none. */
export function parseImportedKeySet(keySet: unknown): JSONWebKeySet {
  const text = typeof keySet === 'string' ? keySet : JSON.stringify(keySet);
  const parsed = text.length > KEY_SET_MAX_LENGTH ? null : parseKeySet(text);
  if (parsed !== null) return parsed;
  throw issuerFieldError(
    'keySet',
    `expected a JWK set with public keys (RSA, EC or OKP) of at most ${KEY_SET_MAX_LENGTH} characters.`,
  );
}

/**
 * Checks the URL against the SSRF guard: the gateway will fetch the issuer’s keys from it. Returns the failure, or null if the
 * URL is allowed.
 */
export async function refuseIssuerUrl(
  addresses: SsrfGuard,
  url: string,
): Promise<Failure<'IssuerUrlNotAllowed'> | null> {
  const checked = await addresses.check(url);
  return 'problem' in checked ? fail('IssuerUrlNotAllowed', checked.problem, { path: ['input', 'url'] }) : null;
}

/** Returns a failure if another issuer with the same URL and audience is trusted in any realm; otherwise null. */
export async function refuseDuplicateIssuer(
  tx: Transaction,
  { id, url, audience }: Pick<TrustedIssuer, 'id' | 'url' | 'audience'>,
): Promise<Failure<'IssuerExists'> | null> {
  // Concurrent requests for the same URL, possibly in different realms, wait for this lock, so that only one succeeds.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`issuer ${url}`}, 0))::text`;
  const others = await tx.trustedIssuer.count({ where: { url, audience, distrustedAt: null, id: { not: id } } });
  if (others === 0) return null;
  const found = `A realm already trusts this issuer for the audience ${audience}.`;
  return fail('IssuerExists', found, { path: ['input', 'audience'] });
}

function issuerFieldError(field: string, found: string) {
  return badUserInput(`${field}: ${found}`, ['input', field]);
}
