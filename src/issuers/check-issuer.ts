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

/** The longest name, URL and audience, in characters, and key set, as JSON. */
const NAME_MAX_LENGTH = 100;
const URL_MAX_LENGTH = 500;
const AUDIENCE_MAX_LENGTH = 500;
const KEY_SET_MAX_LENGTH = 50_000;

/** Throws for a name or an audience that is malformed. */
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

/** The URL of an issuer: as it was given, or that of a provider that has only one. Throws for what can be none. */
export function resolveIssuerUrl(url: string | null, preset: PresetName | null): string {
  const known = presetOf(preset);
  const found = url ?? findOnlyUrl(known);
  if (found === null) throw issuerFieldError('url', 'found nothing, and there is not only one that it could be.');
  const problem = textProblem(found, { name: 'url', max: URL_MAX_LENGTH });
  if (problem !== null) throw badUserInput(problem, ['input', 'url']);
  if (!/^https?:\/\/[^?#]+$/.test(found) || !URL.canParse(found)) {
    throw issuerFieldError('url', 'found what is no http or https URL without query and fragment.');
  }
  if (!isPresetUrl(known, found))
    throw issuerFieldError('url', `found what is none of ${known.title}; that is ${known.urls.join(' or ')}.`);
  return found;
}

/** The public keys of a JWK set as a caller gives it. Throws where there are none. */
export function parseImportedKeySet(keySet: unknown): JSONWebKeySet {
  const text = typeof keySet === 'string' ? keySet : JSON.stringify(keySet);
  const read = text.length > KEY_SET_MAX_LENGTH ? null : parseKeySet(text);
  if (read !== null) return read;
  throw issuerFieldError(
    'keySet',
    `found no JWK set with public keys, RSA, EC or OKP, of at most ${KEY_SET_MAX_LENGTH} characters.`,
  );
}

/** Why an issuer's keys may not be fetched; null: they may. */
export async function refuseIssuerUrl(
  addresses: SsrfGuard,
  url: string,
): Promise<Failure<'IssuerUrlNotAllowed'> | null> {
  const checked = await addresses.check(url);
  return 'problem' in checked ? fail('IssuerUrlNotAllowed', checked.problem, { path: ['input', 'url'] }) : null;
}

/** Why an issuer is not trusted for an audience: another one is, in whatever realm. Null: it may be. */
export async function refuseDuplicateIssuer(
  tx: Transaction,
  { id, url, audience }: Pick<TrustedIssuer, 'id' | 'url' | 'audience'>,
): Promise<Failure<'IssuerExists'> | null> {
  // Those who want the same at once, in different realms, wait for each other here.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`issuer ${url}`}, 0))::text`;
  const others = await tx.trustedIssuer.count({ where: { url, audience, distrustedAt: null, id: { not: id } } });
  if (others === 0) return null;
  const found = `Some realm trusts this issuer for the audience ${audience} already.`;
  return fail('IssuerExists', found, { path: ['input', 'audience'] });
}

function issuerFieldError(field: string, found: string) {
  return badUserInput(`${field}: ${found}`, ['input', field]);
}
