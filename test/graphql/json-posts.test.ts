import { hash, randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { pino } from 'pino';
import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { RequestError, requestErrorStatus, type RequestErrorCode } from '../../src/domain/request-error.ts';
import type { Services } from '../../src/graphql/context.ts';
import { createGraphqlListener } from '../../src/graphql/graphql-listener.ts';
import { createGraphqlServer, type GraphqlServer } from '../../src/graphql/graphql-server.ts';
import { schema } from '../../src/graphql/schema.ts';
import { graphqlRoute } from '../../src/http/graphql-route.ts';
import { openGateway } from '../support/gateway.ts';
import { startServer } from '../support/http-server.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { operationCases } from './every-operation.ts';

const ORIGIN = 'https://console.example';

interface Sent {
  readonly body?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: IncomingHttpHeaders;
}

/** All of a response but its date. */
interface Received {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** The same gateway behind two listeners: the one of production, and Yoga alone. */
interface BothWays {
  /** How many requests the listener of production has left to Yoga. */
  yogaCount(): number;
  /** How often each listener has logged an internal error. */
  faultCounts(): readonly number[];
  /** Sends a request to both, and returns the response after checking that it is the same. */
  send(sent: Sent): Promise<Received>;
  /** Posts JSON to both. */
  post(body: unknown, headers?: IncomingHttpHeaders): Promise<Received>;
}

async function openBothWays(services: Services, { isOpen = true } = {}): Promise<BothWays> {
  let yogaCount = 0;
  const faultCounts = [0, 0];
  const listen = async (way: number, isYogaAlone: boolean) => {
    const write = (line: string) => (faultCounts[way]! += line.includes('operation failed') ? 1 : 0);
    const options = { isOpen, logger: pino({}, { write }) };
    const server = createGraphqlServer(services, options);
    const counted = new Proxy(server, {
      apply(target, self, given) {
        if (!isYogaAlone) yogaCount += 1;
        return Reflect.apply(target as never, self, given) as unknown;
      },
    }) as GraphqlServer;
    const listener = createGraphqlListener(counted, { ...options, isYogaAlone });
    const { port } = await startServer({ '/graphql': graphqlRoute(listener, { allowedOrigins: [ORIGIN] }) });
    return port;
  };
  const ports = [await listen(0, false), await listen(1, true)];
  const send = async (sent: Sent) => {
    const requestId = randomUUID();
    const [short, long] = [await sendTo(ports[0]!, sent, requestId), await sendTo(ports[1]!, sent, requestId)];
    expect(short, JSON.stringify(sent).slice(0, 2_000)).toEqual(long);
    return short;
  };
  return {
    yogaCount: () => yogaCount,
    faultCounts: () => faultCounts,
    send,
    post: (body, headers = {}) =>
      send({ body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
  };
}

function sendTo(port: number, { body = '', method = 'POST', path = '/graphql', headers }: Sent, requestId: string) {
  return new Promise<Received>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers: { ...headers, 'x-request-id': requestId } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { rawHeaders, statusCode, statusMessage } = response;
        const headers = rawHeaders.flatMap((name, at) =>
          at % 2 === 1 || name === 'Date' ? [] : [`${name}: ${rawHeaders[at + 1]}`],
        );
        resolve({ status: `${statusCode} ${statusMessage}`, headers, body: text });
      });
    });
    sent.end(body);
  });
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

const VIEWER = '{ viewer { __typename } }';
const KEYS = 'query ($first: Int) { keys(first: $first) { pageInfo { endCursor } } }';

/** Values of Accept for which JSON is sent. */
const jsonAccepts = [
  '',
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json',
  'application/json;q=0.5, application/graphql-response+json',
  'application/graphql-response+json;charset=utf-8, application/json;charset=utf-8',
  'application/json; charset=iso-8859-1, application/graphql-response+json',
  'APPLICATION/JSON',
  'application/*',
  '*/json',
  'text/html, */*;q=0.1',
  'text/event-stream, application/json',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  'application/json;charset="utf-8", */*;charset=utf-8',
];

/** Values of Accept that Yoga has to handle. */
const otherAccepts = [
  'text/event-stream',
  'multipart/mixed',
  'text/html',
  'application/xml, text/*',
  'application/json; charset=iso-8859-1',
  'application',
  ',',
];

/** Bodies that are not a well-formed request. */
const malformedBodies = [
  '',
  ' ',
  '{',
  'null',
  'true',
  '5',
  '"text"',
  '[]',
  `[{"query":"${VIEWER}"}]`,
  '{}',
  '\u{FEFF}{}',
  `\u{FEFF}{"query":"${VIEWER}"}`,
  '{"query":null}',
  '{"query":""}',
  '{"query":" "}',
  '{"query":5}',
  '{"query":["{ viewer { __typename } }"]}',
  '{"query":{}}',
  `{"query":"${VIEWER}","variables":[]}`,
  `{"query":"${VIEWER}","variables":"{}"}`,
  `{"query":"${VIEWER}","variables":5}`,
  `{"query":"${VIEWER}","variables":null,"extensions":null,"operationName":null}`,
  `{"query":"${VIEWER}","extensions":[]}`,
  `{"query":"${VIEWER}","extensions":"x"}`,
  `{"query":"${VIEWER}","extensions":{"persistedQuery":null}}`,
  `{"query":"${VIEWER}","operationName":5}`,
  `{"query":"${VIEWER}","operationName":{}}`,
  `{"query":"${VIEWER}","operationName":""}`,
  `{"query":"${VIEWER}","operationName":"Other"}`,
  `{"query":"${VIEWER}","more":1}`,
  `{"query":"${VIEWER}","more":null}`,
  `{"query":"${VIEWER}","__proto__":{"more":1}}`,
  `{"query":"${VIEWER}","query":"{ viewer { id } }"}`,
  `{"${'x'.repeat(2_000)}":1}`,
];

const wrongHash = { persistedQuery: { version: 1, sha256Hash: hash('sha256', 'x') } };

/** Requests that are refused, or run in a way of their own. */
const operations: readonly object[] = [
  { query: VIEWER },
  { query: VIEWER, extensions: { persistedQuery: { version: 1, sha256Hash: hash('sha256', VIEWER) } } },
  { query: VIEWER, extensions: wrongHash },
  { extensions: wrongHash },
  { query: '{ viewer' },
  { query: 'query { viewer { __typename } } }' },
  { query: '{ viewer(secret "kt_x") { __typename } }' },
  { query: '{ viewr { __typename } }' },
  { query: '{ viewer { __typename nothing } nobody }' },
  { query: 'fragment A on Key { ...B } fragment B on Key { ...A } { viewer { ...A } }' },
  { query: 'query A { viewer { __typename } } query B { viewer { __typename } }' },
  { query: 'query A { viewer { __typename } } query B { logCursor }', operationName: 'A' },
  { query: 'query A { viewer { __typename } } query B { logCursor }', operationName: 'C' },
  { query: 'fragment A on Key { id }' },
  { query: 'type Query { a: Int }' },
  { query: KEYS },
  { query: KEYS, variables: { first: 'many', other: 1 } },
  { query: KEYS, variables: { first: 101 } },
  { query: KEYS, variables: { first: 1.5 } },
  { query: 'query ($slug: String!) { realm(slug: $slug) { id } }' },
  { query: 'query ($slug: String = "default") { realm(slug: $slug) { id } }', variables: { slug: null } },
  { query: 'query ($slug: String!) { realm(slug: $slug) { id } }', variables: { slug: 'a\0b' } },
  { query: '{ realm(slug: "\\uD800") { id } }' },
  { query: VERIFY_KEY, variables: { input: { secret: 5 } } },
  { query: VERIFY_KEY, variables: { input: { secret: 'x', more: ['kt_y'] } } },
  { query: VERIFY_KEY, variables: { input: { secret: 'x', action: 'a' } } },
  {
    query: 'mutation { signIn(input: { email: "a", password: "b" }) { __typename ... on UserError { code message } } }',
  },
  {
    query:
      'mutation { a: verifyKey(input: { secret: "a" }) { outcome } b: verifyKey(input: { secret: "b" }) { outcome } }',
  },
  { query: `{ ${'__typename @skip(if: false) '.repeat(51)} }` },
  { query: `{ ${'a '.repeat(1_001)} }` },
  { query: `{ ${Array.from({ length: 16 }, (_, at) => `a${at}: __typename`).join(' ')} }` },
  { query: '{ keys(first: 100) { edges { node { events(first: 100) { edges { node { id } } } } } } }' },
  { query: '{ __schema { queryType { name } } }' },
  { query: '{ __type(name: "Key") { name } }' },
  { query: '{ logCursor viewer { __typename } }' },
  { query: '{ forecast(horizon: "P400D") { startsAt } }' },
  { query: '{ node(id: "nothing") { id } key(id: "key_0") { id } }' },
  { query: 'query @include(if: true) { viewer { __typename } }' },
  { query: '{ viewer { ... @defer { __typename } } }' },
];

test('json posts: a malformed request gets the response of Yoga under every Accept', async () => {
  const gateway = await openGateway();
  const { send, post, yogaCount } = await openBothWays(gateway.services);
  const credential = bearer(await gateway.admin());
  const type = { 'content-type': 'application/json' };
  const statuses = new Set<string>();
  for (const body of malformedBodies) {
    for (const accept of ['', 'application/json', 'application/graphql-response+json']) {
      const { status } = await send({
        body,
        headers: { ...type, ...(accept === '' ? {} : { accept }), ...credential },
      });
      statuses.add(status);
    }
  }
  expect([...statuses]).toEqual(expect.arrayContaining(['200 OK', '400 Bad Request']));
  for (const accept of jsonAccepts) {
    for (const query of [VIEWER, '{ viewer', '{ viewr }', '{ logCursor }']) await post({ query }, { accept });
    await post({}, { accept });
  }
  expect(yogaCount()).toBe(0);
  for (const accept of otherAccepts) await post({ query: VIEWER }, { accept, ...credential });
  expect(yogaCount()).toBe(otherAccepts.length);
});

test('json posts: operations get the response of Yoga, for every kind of caller', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const input = { realm: 'default', name: 'k', scopes: [{ action: 'package:push', resource: '**' }] };
  const { secret } = (await gateway.ask(ISSUE_KEY, { input }, token)).data['issueKey'];
  const credentials = [{}, bearer(token), bearer(secret), bearer('nothing'), { authorization: 'Basic x' }];
  const [open, closed] = [
    await openBothWays(gateway.services, { isOpen: true }),
    await openBothWays(gateway.services, { isOpen: false }),
  ];
  const statuses = new Set<string>();
  for (const [number, operation] of operations.entries()) {
    for (const [other, credential] of credentials.entries()) {
      const accept = (number + other) % 2 === 0 ? '*/*' : 'application/graphql-response+json';
      const { status } = await closed.post(operation, { accept, origin: ORIGIN, ...credential });
      statuses.add(status.slice(0, 3));
      // Nothing else depends on the mode.
      if (other === 0) await open.post(operation, { accept });
    }
  }
  expect([...statuses].toSorted()).toEqual(['200', '400', '401', '403']);
  expect(open.yogaCount() + closed.yogaCount()).toBe(0);
});

test('json posts: errors of resolvers get the response of Yoga, and internal errors are masked and logged', async () => {
  const gateway = await openGateway();
  const { post, faultCounts } = await openBothWays(gateway.services, { isOpen: false });
  const credential = bearer(await gateway.admin());
  const codes = Object.keys(requestErrorStatus) as RequestErrorCode[];
  const errors = [
    new Error('LEAK'),
    new TypeError('LEAK', { cause: 'LEAK' }),
    'LEAK',
    new AggregateError([new Error('LEAK'), new Error('LEAK')], 'LEAK'),
    new GraphQLError('LEAK'),
    new GraphQLError('LEAK', { extensions: { code: 'LEAK', http: { status: 418, headers: { Leak: 'LEAK' } } } }),
    Object.assign(new Error('LEAK'), { errors: [new Error('LEAK')] }),
    ...codes.map((code) => new RequestError(code, 'refused', { retryAfter: 7 })),
    new RequestError('UNAUTHENTICATED', 'refused', { outcome: 'KEY_REVOKED' }),
  ];
  const fields = schema.getQueryType()!.getFields();
  const statuses = new Set<string>();
  // A field that may be null, whose error is beside data, and one that may not.
  for (const [name, query] of [
    ['realm', '{ __typename realm(slug: "default") { id } }'],
    ['logCursor', '{ logCursor }'],
  ] as const) {
    const field = fields[name]!;
    const original = field.resolve;
    onTestFinished(() => void (field.resolve = original));
    for (const error of errors) {
      for (const [number, fail] of [() => Promise.reject(error), () => fault(error), () => error].entries()) {
        field.resolve = fail;
        const accept = number === 0 ? 'application/json' : 'application/graphql-response+json';
        const { status, body } = await post({ query }, { accept, ...credential });
        expect(body).not.toContain('LEAK');
        statuses.add(status.slice(0, 3));
      }
    }
  }
  expect([...statuses].toSorted()).toEqual(expect.arrayContaining(['200', '400', '401', '403', '429', '500', '503']));
  const [short, long] = faultCounts();
  expect(short).toBeGreaterThan(0);
  expect(short).toBe(long);
});

function fault(error: unknown): never {
  throw error;
}

/** Operations whose cases take long to prepare, whose state changes in the background, or that Yoga runs. */
const leftOut = /^Subscription|Brake|Binding|bindPolicy|Issuer|TokenRule|[tT]oken$|Webhook|changePassword|signOut/;

test('json posts: every operation that is quickly prepared gets the response of Yoga', async () => {
  const gateway = await openGateway({ isClockTrusted: () => false });
  const { post, yogaCount } = await openBothWays(gateway.services);
  const compared = operationCases.filter(({ field }) => !leftOut.test(field));
  for (const { field, query, prepare } of compared) {
    const { variables, credential } = await prepare(gateway);
    // These tokens are new in each response.
    const repeatable = query
      .replace('previewToken', '')
      .replace(field === 'Mutation.signIn' ? 'token expiresAt' : '', '');
    const headers = credential === null ? {} : bearer(credential);
    const { status, body } = await post({ query: repeatable, variables, operationName: null }, headers);
    expect(status, field).toBe('200 OK');
    expect(body, field).not.toContain('"errors"');
  }
  expect(compared.length).toBeGreaterThan(35);
  expect(yogaCount()).toBe(0);
});

test('json posts: Yoga handles subscriptions, other methods, queries in the path and other media types', async () => {
  const gateway = await openGateway();
  const { send, post, yogaCount } = await openBothWays(gateway.services);
  const credential = bearer(await gateway.admin());
  const subscription = { query: 'subscription { events { id } }' };
  const requests = [
    () => post(subscription, { accept: 'application/json', ...credential }),
    () => post(subscription, { accept: 'application/graphql-response+json' }),
    () => post({ query: 'subscription { nothing }' }, { accept: 'text/event-stream', ...credential }),
    () => post({ query: '{ node(id: "subscription") { id } }' }, credential),
    () => post({ query: VIEWER }, { accept: 'text/event-stream', ...credential }),
    () => send({ method: 'GET', path: `/graphql?query=${encodeURIComponent(VIEWER)}`, headers: credential }),
    () => send({ method: 'GET', path: `/graphql?query=${encodeURIComponent('mutation { signOut }')}` }),
    () => send({ method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } }),
    () => send({ method: 'DELETE' }),
    () => send({ path: '/graphql?x=1', body: '{}', headers: { 'content-type': 'application/json', ...credential } }),
  ];
  for (const [done, run] of requests.entries()) {
    await run();
    expect(yogaCount()).toBe(done + 1);
  }
});
