import type { Parts } from '../../src/compose/parts.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { MutationWorld } from './mutation-world.ts';
import { openTestIssuer, signToken, type SigningKey, type TestIssuer } from './test-issuer.ts';

export const AUDIENCE = 'https://keytide.test/default';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';

/** The response of /token. */
export interface ExchangeResponse {
  readonly status: number;
  readonly secret: string;
  readonly keyId: string;
  readonly error: string;
  /** The error description of a refused token. */
  readonly description: string;
  readonly headers: Headers;
}

/** Returns settings that let the gateway fetch keys from issuers on ports of this machine. */
export function allowLocalIssuers(...issuers: readonly { readonly port: number }[]): Parts['issuers'] {
  return { allowedHosts: ['127.0.0.1'], plainHosts: ['127.0.0.1'], ports: issuers.map(({ port }) => port) };
}

/** A gateway that trusts an issuer. */
export interface IssuerWorld {
  readonly gateway: Gateway;
  readonly world: MutationWorld;
  readonly issuer: TestIssuer;
  readonly issuerId: string;
  readonly ruleId: string;
  readonly ownerId: string;
  /** Returns the claims of a job at the current time. */
  claims(more?: object): Record<string, unknown>;
  /** Returns a signed token of the issuer. */
  token(more?: object, key?: SigningKey): string;
  exchange(token: string, url?: string, more?: Record<string, string>): Promise<ExchangeResponse>;
  /** Adds a rule, by default for jobs of the team "acme", and returns its id. */
  addRule(input?: object): Promise<string>;
  verify(secret: string, resource?: string): Promise<string>;
}

export const scopes = [{ action: 'package:push', resource: 'Acme.*' }];

export async function requestExchange(
  url: string,
  token: string,
  more: Record<string, string> = {},
): Promise<ExchangeResponse> {
  const form = { grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: ID_TOKEN, ...more };
  const response = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const body = (await response.json()) as Record<string, string>;
  const { access_token: secret = '', key_id: keyId = '', error = '', error_description = '', detail = '' } = body;
  const description = error_description || detail;
  return { status: response.status, secret, keyId, error, description, headers: response.headers };
}

/** Opens a gateway that trusts an issuer without a preset, with a rule for jobs of the team "acme". */
export async function openIssuerWorld(
  options: Omit<NonNullable<Parameters<typeof openGateway>[0]>, 'issuer'> & {
    issuer?: TestIssuer;
    trust?: object;
    rule?: object;
  } = {},
): Promise<IssuerWorld> {
  const { issuer = await openTestIssuer(), trust = {}, rule = {}, ...parts } = options;
  const gateway = await openGateway({ isClockTrusted: () => false, issuers: allowLocalIssuers(issuer), ...parts });
  const world = new MutationWorld(gateway);
  const ownerId = await world.organization();
  const trusted = { realm: 'default', url: issuer.url, ...trust };
  const { id: issuerId } = (await world.mutate('trustIssuer', trusted, 'issuer { id }')).issuer;
  const addRule = async (input: object = {}): Promise<string> => {
    const conditions = [{ claim: 'team', equals: 'acme' }];
    const terms = { issuerId, name: 'release', conditions, scopes, owner: ownerId, ...input };
    return (await world.mutate('addTokenRule', terms, 'rule { id }')).rule.id;
  };
  const claims = (more: object = {}) => issuer.claims(gateway.clock.now(), AUDIENCE, { team: 'acme', ...more });
  return {
    gateway,
    world,
    issuer,
    issuerId,
    ruleId: await addRule(rule),
    ownerId,
    claims,
    token: (more = {}, key = issuer.keys[0]!) => signToken(key, claims(more)),
    exchange: (token, url = gateway.url, more = {}) => requestExchange(url, token, more),
    addRule,
    async verify(secret, resource = 'Acme.Core') {
      const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
      const input = { secret, action: 'package:push', resource };
      return (await gateway.ask(query, { input }, await gateway.admin())).data['verifyKey'].outcome;
    },
  };
}
