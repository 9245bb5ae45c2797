import type { MutationWorld } from './mutation-world.ts';
import { jwkOf, newKey, signToken } from './test-issuer.ts';

/** Generated once, because that is slow. */
const key = newKey('job');

/** An issuer that a new realm trusts, with a rule for jobs of the team "acme". */
export interface TrustedJob {
  readonly realm: string;
  readonly issuerId: string;
  readonly ruleId: string;
  readonly url: string;
  readonly audience: string;
  /** The input of `addTokenRule`. */
  readonly terms: object;
  /** Returns a new token of a job. */
  token(): string;
}

export const jobKeySet = { keys: [jwkOf(key)] };

/** Makes a new realm trust an unreachable issuer by its imported keys. */
export async function trustJob(world: MutationWorld): Promise<TrustedJob> {
  const realm = await world.realm();
  const url = `https://${realm}.example`;
  await world.mutate('defineAction', { realm, name: 'package:push', description: 'Push packages' }, 'realm { id }');
  const trusted = { realm, url, keySet: jobKeySet };
  const { issuer } = await world.mutate('trustIssuer', trusted, 'issuer { id audience }');
  const terms = {
    issuerId: issuer.id as string,
    name: 'release',
    conditions: [{ claim: 'team', equals: 'acme' }],
    scopes: [{ action: 'package:push', resource: 'Acme.*' }],
    labels: [{ name: 'env', value: 'live' }],
    claimLabels: [{ name: 'team', claim: 'team' }],
    owner: await world.organization(),
  };
  const { rule } = await world.mutate('addTokenRule', terms, 'rule { id }');
  const { audience } = issuer;
  const token = () => {
    const iat = Math.floor(world.gateway.clock.now().getTime() / 1000);
    const jti = world.name('token');
    return signToken(key, { iss: url, aud: audience, sub: 'job:1', jti, iat, exp: iat + 300, team: 'acme' });
  };
  return { realm, issuerId: issuer.id, ruleId: rule.id, url, audience, terms, token };
}
