import { readFileSync } from 'node:fs';
import type { Gateway } from './gateway.ts';
import { issue } from './issue.ts';
import { createPortalSession } from './portal.ts';
import { openSite } from './site.ts';

const read = (name: string) => readFileSync(new URL(`../journeys/pages/${name}`, import.meta.url), 'utf8');

const UPDATE_REALM =
  'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename ... on UserError { message } } }';
const UPSERT_SUBJECT = 'mutation ($input: UpsertSubjectInput!) { upsertSubject(input: $input) { __typename } }';

/** Makes a key with which a backend manages its customers, and these customers. Returns its secret. */
export async function openBackend(gateway: Gateway, customers: readonly string[]): Promise<string> {
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  const { secret } = await issue(gateway, await gateway.admin(), { scopes });
  for (const externalId of customers) {
    await gateway.ask(UPSERT_SUBJECT, { input: { realm: 'default', externalId, name: externalId } }, secret);
  }
  return secret;
}

/** Names the sites whose pages may use portal sessions, and what keys of customers may get; no scope: there is no ceiling. */
export async function allowSites(gateway: Gateway, portalOrigins: readonly string[], scopes: readonly object[]) {
  const subjectCeilings = scopes.length === 0 ? [] : [{ scopes }];
  const input = { realm: 'default', portalOrigins, subjectCeilings };
  const { data } = await gateway.ask(UPDATE_REALM, { input }, await gateway.admin());
  if (data['updateRealm'].__typename !== 'UpdateRealmSuccess') throw new Error(JSON.stringify(data));
}

/** A page may load and do only what it needs for the element: no inline script or style, no text becomes markup or code. */
const strictPolicy = ({ url }: Gateway) =>
  [
    "default-src 'none'",
    `script-src 'self' ${url}`,
    `connect-src 'self' ${url} ${url.replace('http', 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

export interface CustomerSite {
  readonly origin: string;
  /** How often the page asked its backend for a session. */
  sessionCount(): number;
}

/**
 * Opens the site of the API for one customer, on an origin of its own: a page with the element, and the backend that knows who is
 * signed in there.
 */
export async function openCustomerSite(
  gateway: Gateway,
  backend: string,
  customer: string,
  session: object = {},
): Promise<CustomerSite> {
  let count = 0;
  const origin = await openSite({
    '/': {
      type: 'text/html',
      body: () => read('customers.html').replaceAll('GATEWAY', gateway.url),
      headers: () => ({ 'Content-Security-Policy': strictPolicy(gateway) }),
    },
    '/page.js': { type: 'text/javascript', body: () => read('customers.js') },
    '/session': {
      type: 'application/json',
      body: async () => {
        count += 1;
        const { token } = await createPortalSession(gateway, backend, customer, session);
        return JSON.stringify({ token });
      },
    },
  });
  return { origin, sessionCount: () => count };
}
