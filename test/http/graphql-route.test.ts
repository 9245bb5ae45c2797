import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { createSchema, createYoga } from 'graphql-yoga';
import request from 'supertest';
import { expect, test } from 'vitest';
import { exchangeOf } from '../../src/http/http-exchange.ts';
import { GRAPHQL_BODY_MAX, graphqlRoute } from '../../src/http/graphql-route.ts';
import { sendBytes, startServer, type RunningServer } from '../support/http-server.ts';

interface Context {
  readonly req: Parameters<typeof exchangeOf>[0];
}

/** A real Yoga behind the route, that measures what it was sent. */
async function startGraphql(): Promise<RunningServer> {
  const yoga = createYoga<Context>({
    logging: false,
    schema: createSchema<Context>({
      typeDefs: 'type Query { length(text: String): Int, address: String } type Subscription { count: Int }',
      resolvers: {
        Query: {
          length: (_: unknown, { text }: { text?: string }) => text?.length,
          address: (_: unknown, __: unknown, { req }: Context) => exchangeOf(req).address,
        },
        Subscription: {
          count: {
            async *subscribe() {
              yield { count: 1 };
              yield { count: 2 };
            },
          },
        },
      },
    }),
  });
  return await startServer({
    '/graphql': graphqlRoute(async (incoming, response) => void (await yoga(incoming, response))),
  });
}

/** A request body of exactly that many bytes. */
function bodyOf(size: number): string {
  const around = JSON.stringify({ query: 'query ($text: String) { length(text: $text) }', variables: { text: '' } });
  return around.replace('"text":""', `"text":"${'x'.repeat(size - around.length)}"`);
}

function chunked(body: string, pieceSize: number): string[] {
  const pieces = [
    'POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  ];
  for (let at = 0; at < body.length; at += pieceSize) {
    const piece = body.slice(at, at + pieceSize);
    pieces.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return [...pieces, '0\r\n\r\n'];
}

test('graphql route: an operation reaches the GraphQL server, by POST and by GET', async () => {
  const { url } = await startGraphql();
  const posted = await request(url).post('/graphql').send({ query: '{ length(text: "grüße 🌊") address }' });
  expect(posted.body).toEqual({ data: { length: 8, address: '127.0.0.1' } });
  const got = await request(url).get('/graphql').query({ query: '{ length(text: "abc") }' });
  expect(got.body).toEqual({ data: { length: 3 } });
  const empty = await request(url).post('/graphql').set('Content-Type', 'application/json');
  expect(empty.status).toBe(400);
});

test('graphql route: subscriptions arrive as server-sent events', async () => {
  const { url } = await startGraphql();
  const answer = await request(url)
    .post('/graphql')
    .set('Accept', 'text/event-stream')
    .send({ query: 'subscription { count }' });
  expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
  expect(answer.text).toMatch(/"count":1[\s\S]*"count":2/);
});

test('graphql route: a body of 100 kB is accepted; one byte more is refused with its size and the limit', async () => {
  const { url, port } = await startGraphql();
  const post = (body: string) => request(url).post('/graphql').set('Content-Type', 'application/json').send(body);
  expect((await post(bodyOf(GRAPHQL_BODY_MAX))).body).toEqual({ data: { length: expect.any(Number) } });
  const refused = await post(bodyOf(GRAPHQL_BODY_MAX + 1));
  expect(refused.status).toBe(413);
  expect(refused.headers['content-type']).toMatch(/^application\/json/);
  expect(refused.body).toEqual({
    errors: [
      {
        message: 'The body has 100001 bytes; at most 100000 are accepted.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
  const taken = await sendBytes(port, ...chunked(bodyOf(GRAPHQL_BODY_MAX), 7_000));
  expect(taken).toMatch(/^HTTP\/1\.1 200 /);
  const cut = await sendBytes(port, ...chunked(bodyOf(GRAPHQL_BODY_MAX + 1), 7_000));
  expect(cut).toMatch(/^HTTP\/1\.1 413 /);
  expect(cut).toContain('The body has more than 100000 bytes; at most 100000 are accepted.');
});

test('graphql route: a refusal has the GraphQL response type if the caller accepts it', async () => {
  const { url } = await startGraphql();
  const type = 'application/graphql-response+json';
  const refused = await request(url).post('/graphql').set('Accept', type).type('json').send(bodyOf(200_000));
  expect(refused.status).toBe(413);
  expect(refused.headers['content-type']).toBe(`${type}; charset=utf-8`);
});

test('graphql route: the sender of 10 MB can read the refusal and reuse the connection', async () => {
  const { port } = await startGraphql();
  const body = 'x'.repeat(10_000_000);
  const announced = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const next = 'GET /graphql?query={length} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await sendBytes(port, announced, body, next);
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
});

test('graphql route: a Content-Length that is too large is refused before the body arrives', async () => {
  const { port } = await startGraphql();
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n');
  const received = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.destroy();
  expect(received.toString()).toMatch(/^HTTP\/1\.1 413 /);
});

test('graphql route: an endless body uses no memory and is cut off', async () => {
  const { port } = await startGraphql();
  const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  let sentCount = 0;
  const endless = Readable.from(
    (function* () {
      yield 'POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
      for (; sentCount < 10_000; sentCount += 1) yield piece;
    })(),
    { objectMode: false },
  );
  const before = process.memoryUsage.rss();
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => endless.destroy());
  endless.on('error', () => socket.destroy());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  endless.pipe(socket);
  await closed;
  expect(received).toMatch(/^HTTP\/1\.1 413 /);
  // 16 MiB are thrown away, and what fits into buffers on the way; not the 655 MB that were on offer.
  expect(sentCount * 65_536).toBeLessThan(64 * 1024 * 1024);
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
});

test('graphql route: a sender that disconnects in the middle of a body does no harm', async () => {
  const { port, url, server } = await startGraphql();
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  const asked = new Promise((resolve) => server.once('request', resolve));
  await asked;
  socket.destroy();
  expect((await request(url).post('/graphql').send({ query: '{ length }' })).status).toBe(200);
});
