/** The prefix of a realm that has none of its own. Realms share it. */
export const DEFAULT_SECRET_PREFIX = 'kt_';

/** The longest prefix of a secret, in characters. */
export const SECRET_PREFIX_MAX = 24;

/** 1 to 4 words of a-z and 0-9, each ended by `_`. */
const shape = /^(?:[a-z0-9]+_){1,4}$/;

/** Prefixes of other credentials of this product: portal sessions, invitations, webhook secrets and their keys, tokens. */
const ownForms = /^(?:keytide_|kt[a-z]?_|wh(?:sec|sk|pk)_|eyj)|(?:kt[a-z]?_|wh(?:sec|sk|pk)_)$/;

/** Kinds of ids of this product: `key_` and a UUID. */
const idPrefix =
  /^(?:account|action|attempt|binding|brake|delivery|device|digest|event|hold|invitation|issuer|key|node|operation|organization|portal|realm|rule|secret|session|subject|webhook)_$/;

/** Prefixes that are too common to tell an issuer by; a longer one may contain them. */
const commonPrefixes = ['sk_', 'pk_', 'rk_'];

/**
 * Prefixes by which scanners know the secrets of other issuers. A secret whose prefix begins or ends with one of them would be
 * reported to that issuer.
 */
const otherIssuers = [
  ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'pk_live_', 'pk_test_'], // Stripe, Clerk
  ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], // GitHub
  ['npm_', 'pypi_', 'rubygems_', 'oy2_', 'dckr_pat_', 'glpat_', 'gldt_', 'glrt_', 'glsa_'],
  ['xoxa_', 'xoxb_', 'xoxe_', 'xoxo_', 'xoxp_', 'xoxr_', 'xoxs_', 'xapp_', 'akia_', 'aiza_', 'ya29_'], // Slack, AWS, Google
  ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'dop_v1_', 'doo_v1_', 'dor_v1_', 'lin_api_', 'lin_oauth_', 'pscale_'],
  [
    '_hf_',
    '_gsk_',
    '_r8_',
    'nvapi_',
    '_hvs_',
    '_hvb_',
    'sntrys_',
    'sntryu_',
    '_phc_',
    '_phx_',
    '_sbp_',
    'figd_',
    '_ntn_',
  ],
  ['unkey_', 'ory_at_', 'ory_ac_', 'ory_rt_', 'ory_st_'],
].flat();

/**
 * Returns why a text cannot be the prefix of a realm's secrets; null: it can be. Whether another realm has it is for the
 * caller to find out.
 */
export function secretPrefixProblem(prefix: string): string | null {
  if (prefix === DEFAULT_SECRET_PREFIX) return null;
  if (prefix.length > SECRET_PREFIX_MAX || !shape.test(prefix)) {
    return `expected 1 to 4 words of a-z and 0-9, each followed by _, at most ${SECRET_PREFIX_MAX} characters in all, such as acme_live_`;
  }
  if (ownForms.test(prefix) || idPrefix.test(prefix)) {
    return 'expected a prefix that resembles no other secret or id of this gateway';
  }
  if (commonPrefixes.includes(prefix)) return 'it is too common; expected a prefix of your own';
  // A `_` before the first word of a prefix stands for the beginning of a word.
  const words = `_${prefix}`;
  const taken = otherIssuers.find((other) => words.startsWith(`_${trimStart(other)}`) || words.endsWith(other));
  return taken === undefined
    ? null
    : `${trimStart(taken)} is how scanners know the secrets of another issuer; expected a prefix of your own`;
}

/**
 * Returns one regular expression that finds all secrets with these prefixes in a text. It uses only what RE2 has: no
 * look-around and no back-reference.
 */
export function secretPatternOf(prefixes: readonly string[]): string {
  const [first = DEFAULT_SECRET_PREFIX, ...others] = [...new Set(prefixes)].toSorted(
    (a, b) => b.length - a.length || (a < b ? -1 : 1),
  );
  const start = others.length === 0 ? first : `(?:${[first, ...others].join('|')})`;
  return `${start}[0-9A-Za-z]{49}`;
}

function trimStart(prefix: string): string {
  return prefix.replace(/^_/, '');
}
