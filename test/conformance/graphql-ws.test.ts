import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openRawSocket, rawSocket, refusedUpgrade } from '../support/raw-socket.ts';

const EVENTS = 'subscription { events { id } }';

const subscribe = (id: string, query = EVENTS, more: object = {}) => ({
  type: 'subscribe',
  id,
  payload: { query, ...more },
});

/** Tells of something that an administrator sees. */
const makeRealm = async (gateway: Gateway, slug: string) =>
  gateway.ask(
    'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }',
    { input: { slug, name: slug } },
    await gateway.admin(),
  );

test('graphql-ws: an operation before the connection was acknowledged closes with 4401', async () => {
  const raw = await rawSocket(await openGateway());
  raw.send(subscribe('1'));
  expect(await raw.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
});

test('graphql-ws: an operation sent right behind the credential, without waiting, closes with 4401', async () => {
  const gateway = await openGateway();
  const raw = await rawSocket(gateway);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${await gateway.admin()}` } });
  raw.send(subscribe('1'));
  expect((await raw.closed).code).toBe(4401);
  expect(raw.messages.filter(({ type }) => type === 'next')).toEqual([]);
});

test('graphql-ws: a second initialisation closes with 4429', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${await gateway.admin()}` } });
  expect(await raw.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
});

test('graphql-ws: a socket that never initialises closes with 4408', async () => {
  const raw = await rawSocket(await openGateway());
  expect(await raw.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
});

test('graphql-ws: an operation id that is in use closes with 4409, and one that is free again does not', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  raw.send(subscribe('1', '{ viewer { __typename } }'));
  expect((await raw.next()).type).toBe('next');
  expect(await raw.next()).toEqual({ id: '1', type: 'complete' });
  raw.send(subscribe('1'));
  raw.send(subscribe('1'));
  expect(await raw.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
});

test.for([
  ['another subprotocol', 'graphql-ws'],
  ['a subprotocol of nobody', 'soap'],
  ['no subprotocol', null],
] as const)('graphql-ws: %s closes with 4406', async ([, protocol]) => {
  const gateway = await openGateway();
  const handshake = [
    'GET /graphql HTTP/1.1',
    'Host: x',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ].join('\r\n');
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(`${handshake}\r\n\r\n`);
  let answer = Buffer.alloc(0);
  for await (const piece of socket) {
    answer = Buffer.concat([answer, piece as Buffer]);
    const head = answer.indexOf('\r\n\r\n');
    if (head !== -1 && answer.length >= head + 8) break;
  }
  const head = answer.subarray(0, answer.indexOf('\r\n\r\n')).toString('latin1');
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  expect(head).not.toMatch(/sec-websocket-protocol/i);
  // Behind the head one frame: a close (RFC 6455, section 5.5.1) with its code.
  const frame = answer.subarray(head.length + 4);
  expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 4406]);
});

test('graphql-ws: a malformed message closes with 4400, without internal details', async () => {
  const gateway = await openGateway();
  const cases: Record<string, string | object> = {
    'text that is not JSON': '{{{{',
    'JSON that is no object': '[1]',
    'an empty message': '',
    'a type of nobody': { type: 'start', id: '1', payload: {} },
    'a type that is a number': { type: 7 },
    'a payload that is text': { type: 'connection_init', payload: 'Bearer x' },
    'an operation without an id': { type: 'subscribe', payload: { query: '{ viewer { __typename } }' } },
    'an operation without a query': { type: 'subscribe', id: '1', payload: {} },
    'variables that are a list': { type: 'subscribe', id: '1', payload: { query: '{ x }', variables: [1] } },
  };
  for (const [what, message] of Object.entries(cases)) {
    for (const raw of [await rawSocket(gateway), await openRawSocket(gateway, await gateway.admin())]) {
      raw.send(message);
      expect(await raw.closed, what).toEqual({ code: 4400, reason: 'Invalid message received' });
    }
  }
});

test('graphql-ws: a message over 100 kB closes with 1009, also before authentication', async () => {
  const gateway = await openGateway();
  const stranger = await rawSocket(gateway);
  stranger.send('x'.repeat(100_001));
  expect((await stranger.closed).code).toBe(1009);
  const raw = await openRawSocket(gateway, await gateway.admin());
  raw.send(subscribe('1', `{ viewer { __typename } } #${'x'.repeat(100_001)}`));
  expect((await raw.closed).code).toBe(1009);
});

test('graphql-ws: bytes that are not UTF-8 close with 1007, a malformed frame with 1002', async () => {
  const gateway = await openGateway();
  const raw = await rawSocket(gateway);
  raw.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
  expect((await raw.closed).code).toBe(1007);
  const other = await rawSocket(gateway);
  // A frame of a reserved kind (RFC 6455, section 5.2).
  (other.socket as any)._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
  expect((await other.closed).code).toBe(1002);
});

test('graphql-ws: a malformed or unknown credential closes with 4401', async () => {
  const gateway = await openGateway();
  const cases: Record<string, object> = {
    'no credential': {},
    'an empty payload': { payload: {} },
    'a header that is none': { payload: { authorization: 'let me in' } },
    'a token of nobody': { payload: { authorization: 'Bearer abc.def.ghi' } },
    'a key of nobody': { payload: { authorization: `Bearer kt_${'0'.repeat(49)}` } },
    'a credential that is a list': { payload: { authorization: ['Bearer x'] } },
    'another scheme': { payload: { authorization: 'Basic YTpi' } },
    'a token without its scheme': { payload: { authorization: await gateway.admin() } },
  };
  for (const [what, init] of Object.entries(cases)) {
    const raw = await rawSocket(gateway);
    raw.send({ type: 'connection_init', ...init });
    expect((await raw.closed).code, what).toBe(4401);
    expect(raw.messages).toEqual([]);
  }
});

test('graphql-ws: the close reason for a missing or malformed credential says what is expected', async () => {
  const gateway = await openGateway();
  for (const payload of [{}, { authorization: await gateway.admin() }, { authorization: 'Bearer abc.def.ghi' }]) {
    const raw = await rawSocket(gateway);
    raw.send({ type: 'connection_init', payload });
    const reason = 'UNKNOWN: expected connectionParams { authorization: "Bearer <valid session token or key secret>" }';
    expect(await raw.closed).toEqual({ code: 4401, reason });
  }
});

test('graphql-ws: the credential may be named authorization or Authorization', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  for (const name of ['authorization', 'Authorization']) {
    const raw = await rawSocket(gateway);
    raw.send({ type: 'connection_init', payload: { [name]: `Bearer ${token}` } });
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
  }
});

test('graphql-ws: a token in the URL or in a handshake header is ignored', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  for (const options of [
    { path: `/graphql?authorization=Bearer%20${token}` },
    { path: `/graphql?access_token=${token}` },
    { headers: { Authorization: `Bearer ${token}` } },
    { headers: { Cookie: `authorization=${token}; session=${token}` } },
  ]) {
    const raw = await rawSocket(gateway, options);
    raw.send({ type: 'connection_init' });
    expect((await raw.closed).code).toBe(4401);
  }
  expect(gateway.logged.join('')).not.toContain(token);
});

test('graphql-ws: an upgrade from a foreign origin is refused, also with a credential; an allowed origin is accepted', async () => {
  const gateway = await openGateway({ allowedOrigins: ['https://console.example.com'] });
  const host = new URL(gateway.url).host;
  const cookie = { Cookie: `session=${await gateway.admin()}` };
  for (const origin of [
    'https://evil.example',
    'null',
    `https://${host}.evil.example`,
    'https://console.example.com:8443',
  ]) {
    expect(await refusedUpgrade(gateway, { headers: { Origin: origin, ...cookie } })).toBe(403);
  }
  for (const origin of [`http://${host}`, 'https://console.example.com']) {
    const raw = await openRawSocket(gateway, await gateway.admin(), { headers: { Origin: origin } });
    raw.send({ type: 'ping' });
    expect(await raw.next()).toEqual({ type: 'pong' });
  }
});

test('graphql-ws: only /graphql accepts sockets', async () => {
  const gateway = await openGateway();
  for (const path of ['/', '/graphql/', '/graphqlx', '/verify', '/livez', '//graphql', '/GRAPHQL']) {
    expect(await refusedUpgrade(gateway, { path }), path).toBe(404);
  }
});

test('graphql-ws: resetting the connection of a refused upgrade does no harm', async () => {
  const gateway = await openGateway();
  const port = Number(new URL(gateway.url).port);
  for (let count = 0; count < 20; count += 1) {
    const handshake = `GET /nowhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(handshake, () => socket.resetAndDestroy()));
      socket.on('close', () => resolve());
    });
  }
  expect((await gateway.ask('{ __typename }')).status).toBe(200);
});

test('graphql-ws: a malformed operation fails alone, with a code, and the socket stays open', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  const refused = async (message: object) => {
    raw.send(message);
    const { type, id, payload } = await raw.next();
    expect([type, id]).toEqual(['error', 'x']);
    return payload[0] as { message: string; extensions: object };
  };
  /** Refused when its variables are read: the operation had begun, and is completed. */
  const failed = async (message: object) => {
    raw.send(message);
    const { type, id, payload } = await raw.next();
    expect([type, id, payload.data ?? null]).toEqual(['next', 'x', null]);
    expect(await raw.next()).toEqual({ type: 'complete', id: 'x' });
    return payload.errors[0] as { message: string; extensions: object };
  };
  const code = { code: 'BAD_USER_INPUT' };
  expect((await refused(subscribe('x', '{{{{'))).extensions).toMatchObject(code);
  expect((await refused(subscribe('x', ''))).extensions).toMatchObject(code);
  const misspelt = await refused(subscribe('x', '{ viewerr { __typename } }'));
  expect(misspelt.extensions).toMatchObject(code);
  const cursor = 'subscription($after: Cursor) { events(after: $after) { id } }';
  expect((await failed(subscribe('x', cursor, { variables: { after: 'nonsense' } }))).extensions).toMatchObject(code);
  expect((await failed(subscribe('x', cursor, { variables: { after: 7 } }))).extensions).toMatchObject(code);
  expect((await refused(subscribe('x', 'query A { __typename } query B { __typename }'))).message).toBeTruthy();
  expect((await refused(subscribe('x', '{ __typename }', { operationName: 'C' }))).message).toBeTruthy();
  raw.send(subscribe('y', '{ __typename }'));
  expect(await raw.next()).toEqual({ id: 'y', type: 'next', payload: { data: { __typename: 'Query' } } });
});

test('graphql-ws: an internal error is masked, and logged with the request id that the caller gets', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  await gateway.prisma.$executeRaw`ALTER TABLE "Organization" RENAME TO "Gone"`;
  raw.send(subscribe('1', '{ organization(id: "organization_01h455vb4pex5vsknk084sn02q") { name } }'));
  const { payload } = await raw.next();
  const [error] = payload.errors;
  expect(error.extensions.code).toBe('INTERNAL_SERVER_ERROR');
  expect(JSON.stringify(payload)).not.toMatch(/prisma|"Organization|relation|\.ts/);
  expect(error.extensions.requestId).toMatch(/^[\w-]{16}$/);
  expect(gateway.logged.filter((line) => line.includes(error.extensions.requestId))).toHaveLength(1);
});

test('graphql-ws: a completed operation sends no more, and its id can be used again', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  const { data } = await gateway.ask('{ logCursor }', {}, await gateway.admin());
  const query = 'subscription($after: Cursor) { events(after: $after, filter: { types: [REALM_CREATED] }) { type } }';
  raw.send(subscribe('1', query, { variables: { after: data['logCursor'] } }));
  await makeRealm(gateway, 'one');
  expect(await raw.next()).toMatchObject({
    id: '1',
    type: 'next',
    payload: { data: { events: { type: 'REALM_CREATED' } } },
  });
  raw.send({ type: 'complete', id: '1' });
  raw.send({ type: 'ping', payload: { after: 'complete' } });
  expect(await raw.next()).toEqual({ type: 'pong', payload: { after: 'complete' } });
  await makeRealm(gateway, 'two');
  raw.send(subscribe('1', query, { variables: { after: data['logCursor'] } }));
  expect(await raw.next()).toMatchObject({ id: '1', type: 'next' });
  expect(await raw.next()).toMatchObject({ id: '1', type: 'next' });
  expect(raw.messages).toHaveLength(5);
});
