import type { KnownValues } from './canary-misuse.ts';

/** A key with all that might hold something of a secret. */
const WHOLE_KEY = `id name owner { name } scopes { action resource } labels { name value } holds { source reason }
  viewerCan secrets { id start generation } rotation { moved notMoved } renewalInfo { reason }
  explanation { summary verdicts { expiryReason { sentence } dormancyReason { sentence } binding { config } } }
  events(first: 50) { edges { cursor node { type reason data actor { id name } } } }`;

/** Every query, with all that might hold something of a secret. */
export const queries: Record<string, (known: KnownValues) => string> = {
  viewer: () => 'viewer { __typename ... on Key { id } }',
  node: ({ id }) => `node(id: "${id}") { __typename }`,
  key: ({ id }) => `key(id: "${id}") { ${WHOLE_KEY} }`,
  keys: () => `keys(first: 5) { edges { cursor node { ${WHOLE_KEY} } } }`,
  accounts: () =>
    'accounts(first: 5) { edges { cursor node { id name email membershipInvitations { role organizationName } sessions { device { program name address } } } } }',
  organizations: () => 'organizations(first: 5) { edges { cursor node { id name } } }',
  realms: () => 'realms(first: 5) { edges { cursor node { slug name } } }',
  realm: () => `realm(slug: "default") { name actions { name description } ceilings { action resource }
    bindings { title config selector reason fault { message } } brakes { binding { reason } }
    issuers { edges { node { name url audience keySet rules { edges { node { name labels { value } } } } } } } }`,
  organization: ({ organizationId }) =>
    `organization(id: "${organizationId}") { name members { account { name email } } keys(first: 5) { edges { node { ${WHOLE_KEY} } } }
      webhooks(first: 5) { edges { node { url description secrets { publicKey } } } } }`,
  subjects: () =>
    'subjects(realm: "default", first: 5) { edges { cursor node { externalId name email labels { value } } } }',
  operations: () => 'operations(realm: "default", first: 5) { edges { cursor node { id reason actor { name } } } }',
  operation: ({ operationId }) =>
    `operation(id: "${operationId}") { reason keys(first: 5) { edges { node { key { id } message } } } }`,
  rollout: () =>
    'rollout(id: "rollout_00000000000000000000000000") { title explanation before { config } after { config selector } answers(first: 5) { edges { node { text reply } } } exceptions(first: 5) { edges { node { reason decision } } } }',
  rollouts: () =>
    'rollouts(realm: "default", first: 5) { edges { cursor node { title explanation replacement proposedBy { name } after { config } } } }',
  policies: () => 'policies { name title summary documentation configSchema }',
  previewPolicy: () => `previewPolicy(input: { realm: "default", policy: "active-never-expires" }) {
    previewToken byOwner { owner { name } } findings { message owners { name } keys { name } } changes(first: 5) { edges { cursor node { key { id name } } } } }`,
  forecast: () => 'forecast(horizon: "P90D") { startsAt keyCount }',
  keyCount: () => 'keyCount',
  keyCounts: () => 'keyCounts { keyCount byState { keyCount } }',
  timeline: () =>
    'timeline(from: "2026-01-01T00:00:00Z", to: "2031-01-01T00:00:00Z", step: WEEK) { freezes { reason realm { name } } lanes(first: 5) { edges { cursor node { owner { name } realm { name } } } } }',
  issueBounds: () => 'issueBounds(realm: "default") { earliestReason latestReason stopReason renewal { reason } }',
  events: () =>
    'events(last: 50) { edges { cursor node { type reason data actor { id name } key { name } owner { name } } } }',
  logCursor: () => 'logCursor',
  invitations: () => 'invitations(first: 5) { edges { node { email organizationName invitedBy } } }',
  webhooks: () => 'webhooks(first: 5) { edges { node { url description reason } } }',
  breakage: () =>
    'breakage { breakageCount days { day } breakages(first: 5) { edges { node { consumer outcome key { id } } } } }',
  leaks: () => 'leaks(first: 5) { edges { node { reportedBy url foundIn secret { start } } } }',
  settings: () => 'settings { name description accepts value defaultText }',
  gatewayNodes: () => 'gatewayNodes { nodeId release formats modules { name hash } }',
  problems: () => 'problems { kind key { name } webhook { url reason } binding { title fault { message } } }',
  logCursorAt: () => 'logCursorAt(at: "2026-11-23T12:00:00Z")',
  portalSession: () => 'portalSession { sessionId may expiresAt }',
  waitingDevice: () => 'waitingDevice(userCode: "BBBB-BBBB") { program deviceName address }',
  explainToken: () =>
    'explainToken(input: { realm: "default", claims: { iss: "https://jobs.example" } }) { problems issuer { name url audience keySet } rules { rule { name } refused } }',
};

/** Every subscription, of which there is something to tell at once. */
export const subscriptions: Record<string, string> = {
  events: `subscription { events(after: "${Buffer.from('1:0').toString('base64url')}") { type reason data actor { name } key { id } } }`,
  expiring: 'subscription { expiring(within: "P60D") { key { id name secrets { start } } } }',
};

/** What a stream of server-sent events begins with, or all of it when it is refused. */
export async function readStream(url: string, query: string, credential: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query }),
  });
  let text = `${response.status} ${JSON.stringify([...response.headers])}\n`;
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('event: next')) break;
  }
  return text;
}
