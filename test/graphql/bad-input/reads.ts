import { forbidden, malformed, type CallerName, type Refusal, type Stage } from './case.ts';

/** A query, its variables, the exact answer, and who asks; by default Olga, who owns the keys. */
export type Read = readonly [
  query: string,
  variables: object | ((stage: Stage) => object),
  answer: Refusal,
  asker?: CallerName,
];

const KEYS = /* GraphQL */ `
  query ($first: Int, $last: Int, $after: String, $filter: KeyFilter, $orderBy: KeyOrder) {
    keys(first: $first, last: $last, after: $after, filter: $filter, orderBy: $orderBy) {
      edges {
        cursor
      }
    }
  }
`;
const EVENTS = /* GraphQL */ `
  query ($id: ID!, $first: Int, $after: String) {
    key(id: $id) {
      events(first: $first, after: $after) {
        edges {
          cursor
        }
      }
    }
  }
`;
const FORECAST = 'query ($horizon: Duration!) { forecast(horizon: $horizon) { keyCount } }';
const EXPLAIN = 'query ($input: ExplainTokenInput!) { explainToken(input: $input) { problems } }';
const NODE = 'query ($id: ID!) { node(id: $id) { id } }';

const signIn: Refusal = ['UNAUTHENTICATED', 'Sign in, or send the secret of a key: Authorization: Bearer <…>.', null];
const bad = (path: string, message: string): Refusal => ['BAD_USER_INPUT', message, path.split('.')];

export const readCases: { readonly [name: string]: Read } = {
  'nobody who asks': ['{ viewer { __typename } }', {}, signIn, 'nobody'],
  'nobody who asks for a node': [NODE, ({ active }: Stage) => ({ id: active.id }), signIn, 'nobody'],
  'nobody who asks for the cursor': ['{ logCursor }', {}, signIn, 'nobody'],
  'nobody who asks for the settings': ['{ settings { name } }', {}, signIn, 'nobody'],
  'nobody who asks for the nodes': ['{ gatewayNodes { nodeId } }', {}, signIn, 'nobody'],
  'nobody who asks for a portal session': ['{ portalSession { sessionId } }', {}, signIn, 'nobody'],
  'a page of operations that is too large': [
    '{ operations(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'a page of rollouts that is too large': [
    '{ rollouts(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'nobody who asks for a rollout': [
    'query ($id: ID!) { rollout(id: $id) { id } }',
    ({ rollout }: Stage) => ({ id: rollout.id }),
    signIn,
    'nobody',
  ],
  'a page of the keys of an operation that is too large': [
    'query ($id: ID!) { operation(id: $id) { keys(first: 101) { edges { cursor } } } }',
    ({ operation }: Stage) => ({ id: operation }),
    bad('first', 'first: found 101; expected 0 to 100.'),
    'admin',
  ],
  'counts of too many keys by their ids': [
    'query ($filter: KeyFilter) { keyCounts(filter: $filter) { keyCount } }',
    { filter: { ids: Array.from({ length: 101 }, () => 'key_01m844evt8fhatnd989cp557ja') } },
    bad('filter.ids', 'ids: found 101; expected at most 100.'),
  ],
  'a timeline that ends before it begins': [
    '{ timeline(from: "2027-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z", step: DAY) { at } }',
    {},
    bad('to', 'from, to: found 0 periods; expected 1 to 400.'),
  ],
  'a timeline by the month': [
    '{ timeline(from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z", step: MONTH) { at } }',
    {},
    malformed(),
  ],
  'bounds of a key in no realm': ['{ issueBounds { latest } }', {}, malformed()],
  'a page of events from both ends': [
    '{ events(first: 1, last: 1) { edges { cursor } } }',
    {},
    ['BAD_USER_INPUT', 'Found both first and last; expected one of them.', null],
  ],
  'events before what is no cursor': [
    '{ events(before: "yesterday") { edges { cursor } } }',
    {},
    malformed('The cursor was not issued by this gateway. Use the cursor of an event, or logCursor.'),
  ],
  'the cursor of no moment': [
    '{ logCursorAt(at: "yesterday") }',
    {},
    malformed('expected an RFC 3339 timestamp with an offset, such as 2027-01-31T12:00:00Z'),
  ],
  'a page of invitations that is too large': [
    '{ invitations(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'a page of webhooks that is too large': [
    '{ webhooks(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'a page of breakages that is too large': [
    '{ breakage { breakages(first: 101) { edges { cursor } } } }',
    {},
    ['BAD_USER_INPUT', 'first: found 101; expected 0 to 100.', ['first']],
  ],
  'a page of leaks that is too large': [
    '{ leaks(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'no problem at most': ['{ problems(limit: 0) { kind } }', {}, bad('limit', 'limit: found 0; expected 1 to 100.')],
  'a page of realms that is too large': [
    '{ realms(first: 101) { edges { cursor } } }',
    {},
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'a page of accounts before the first': [
    '{ accounts(last: -1) { edges { cursor } } }',
    {},
    bad('last', 'last: found -1; expected 0 to 100.'),
  ],
  'a search for organizations that is too long': [
    'query ($filter: OrganizationFilter) { organizations(filter: $filter) { edges { cursor } } }',
    { filter: { search: 'x'.repeat(101) } },
    bad('filter.search', 'search has 101 characters; at most 100 are accepted'),
  ],
  'an external id with a control character': [
    'query ($filter: SubjectFilter) { subjects(realm: "default", filter: $filter) { edges { cursor } } }',
    { filter: { externalId: 'a\n' } },
    bad('filter.externalId', 'externalId has a control character, U+000A at character 2; none is accepted'),
  ],
  'a device, by who is no account': [
    '{ waitingDevice(userCode: "BBBB-BBBB") { deviceName } }',
    {},
    forbidden('Only a signed-in account can view, confirm and refuse devices. Sign in first.'),
    'aKey',
  ],
  'a token, by who administers no rules': [
    EXPLAIN,
    { input: { realm: 'nowhere' } },
    forbidden('Only administrators may have tokens explained.'),
  ],
  'a token of a realm that is not there': [
    EXPLAIN,
    { input: { realm: 'nowhere', claims: {} } },
    bad('input.realm', 'realm: no realm has this slug.'),
    'admin',
  ],
  'neither a token nor claims': [
    EXPLAIN,
    { input: { realm: 'default' } },
    bad('input.token', 'Give exactly one of token and claims.'),
    'admin',
  ],
  'claims that are a list': [
    EXPLAIN,
    { input: { realm: 'default', claims: [] } },
    bad('input.claims', 'claims: expected a JSON object.'),
    'admin',
  ],
  'a node that is null': [NODE, { id: null }, malformed()],
  'a node that is an object': [NODE, { id: {} }, malformed()],
  'a key that is a fraction': ['{ key(id: 5.5) { id } }', {}, malformed()],
  'a realm without a slug': ['{ realm { id } }', {}, malformed()],
  'an organization without an id': ['{ organization { id } }', {}, malformed()],
  'a page that is too long': [KEYS, { first: 101 }, bad('first', 'first: found 101; expected 0 to 100.')],
  'a page of less than nothing': [KEYS, { last: -1 }, bad('last', 'last: found -1; expected 0 to 100.')],
  'a page from both ends': [
    KEYS,
    { first: 1, last: 1 },
    ['BAD_USER_INPUT', 'Found both first and last; expected one of them.', null],
  ],
  'a page that is a text': [KEYS, { first: '10' }, malformed()],
  'a page beyond all bounds': [KEYS, { first: 3_000_000_000 }, malformed()],
  'what is no cursor': [
    KEYS,
    { after: 'next' },
    bad(
      'after',
      'after: found a cursor that is not of this list in this order. Take cursors from pageInfo or an edge.',
    ),
  ],
  'a state that there is not': [KEYS, { filter: { states: ['ACTIV'] } }, malformed()],
  'a state that is null': [KEYS, { filter: { states: [null] } }, malformed()],
  'a filter that there is not': [KEYS, { filter: { owners: [] } }, malformed()],
  'a filter by half a label': [KEYS, { filter: { labels: [{ name: 'repo' }] } }, malformed()],
  'a filter by what is no instant': [
    KEYS,
    { filter: { stopsBefore: 'tomorrow' } },
    malformed('expected an RFC 3339 timestamp with an offset, such as 2027-01-31T12:00:00Z'),
  ],
  'a search that is too long': [
    KEYS,
    { filter: { search: 'x'.repeat(101) } },
    bad('filter.search', 'search has 101 characters; at most 100 are accepted'),
  ],
  'an order by nothing': [KEYS, { orderBy: { direction: 'ASC' } }, malformed()],
  'an order that there is not': [KEYS, { orderBy: { field: 'OWNER', direction: 'ASC' } }, malformed()],
  'a horizon that is too far': [
    FORECAST,
    { horizon: 'P366DT0.001S' },
    bad('horizon', 'horizon: found more than P366D; expected at most P366D.'),
  ],
  'a horizon in years': [
    FORECAST,
    { horizon: 'P1Y' },
    malformed('months and years differ in length; write days, for example P365D'),
  ],
  'no horizon': [FORECAST, {}, malformed()],
  'a page of events that is too long': [
    EVENTS,
    ({ active }: Stage) => ({ id: active.id, first: 101 }),
    bad('first', 'first: found 101; expected 0 to 100.'),
  ],
  'what is no cursor of events': [
    EVENTS,
    ({ active }: Stage) => ({ id: active.id, after: 'next' }),
    ['BAD_USER_INPUT', 'The cursor was not issued by this gateway. Use the cursor of an event, or logCursor.', null],
  ],
  'a field that there is not': ['{ keyz { id } }', {}, malformed()],
  'no query': ['', {}, malformed()],
  'half a query': ['{ keys { ', {}, malformed()],
  'arguments to what takes none': ['mutation { signOut(all: true) }', {}, malformed()],
};
