import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Gateway, openGateway } from '../support/gateway.ts';
import { sendBytes } from '../support/http-server.ts';
import { ISSUE_KEY } from '../support/operations.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);
const numRuns = isLong ? 5_000 : 300;
const VIEWER = JSON.stringify({ query: '{ viewer { __typename } }' });

/** Sends a request by hand, with heads as they are, and gives back status and body. */
async function ask(
  gateway: Gateway,
  heads: readonly string[],
  body = VIEWER,
): Promise<{ status: number; body: string }> {
  const lines = [
    'POST /graphql HTTP/1.1',
    'Host: keytide.test',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...heads,
  ];
  const port = Number(new URL(gateway.url).port);
  const answer = await sendBytes(port, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body);
  const [head = '', rest = ''] = answer.split('\r\n\r\n', 2);
  return { status: Number(head.split(' ')[1]), body: Buffer.from(rest, 'latin1').toString('utf8') };
}

/** What a header's value may be made of, as far as the parser of requests lets it in. */
const octet = fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x20 : code));
const headerText = fc.string({ unit: octet, maxLength: 200 });
const scheme = fc.constantFrom('Bearer', 'bearer', 'BEARER', 'Basic', 'Bearer:', 'Token', 'B', '');

test('hostile: only the correct Authorization header authenticates, and none causes an internal error', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const valid = `Bearer ${token}`;
  const bent = fc.tuple(fc.nat(valid.length), fc.nat(3), octet).map(([at, kind, sign]) => {
    const [before, after] = [valid.slice(0, at), valid.slice(at)];
    return [before + sign + after, before + after.slice(1), before + sign + after.slice(1), before][kind] ?? '';
  });
  const header = fc.oneof(
    headerText,
    fc.tuple(scheme, headerText).map((parts) => parts.join(' ')),
    bent,
  );
  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      const { status, body } = await ask(gateway, [`Authorization: ${authorization}`]);
      const isRight = /^\s*bearer +(\S+)\s*$/i.exec(authorization)?.[1] === token;
      if (isRight) {
        expect(JSON.parse(body)).toEqual({ data: { viewer: { __typename: 'Account' } } });
        return;
      }
      expect([200, 401]).toContain(status);
      expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(body.length).toBeLessThan(1_000);
    }),
    {
      numRuns,
      examples: [[valid], [`  ${valid}  `], [`bearer    ${token}`], [`${valid} ${token}`], [`${valid},`], ['']],
    },
  );
});

test('hostile: a request with two Authorization headers is refused, whichever is good', async () => {
  const gateway = await openGateway();
  const good = `Authorization: Bearer ${await gateway.admin()}`;
  const bad = 'Authorization: Bearer nobody';
  for (const heads of [
    [bad, good],
    [good, bad],
    [good, good],
  ]) {
    const { status, body } = await ask(gateway, heads);
    expect([status, body]).toEqual([400, expect.stringContaining('2 authorization headers')]);
  }
});

test('hostile: a head beyond the limits is refused, over WebSocket too, and the gateway goes on', async () => {
  const gateway = await openGateway();
  const port = Number(new URL(gateway.url).port);
  const upgrade = ['GET /graphql HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'];
  for (const heads of [
    [`Authorization: Bearer ${'k'.repeat(1_000_000)}`],
    Array.from({ length: 10_000 }, (_, index) => `h${index}: v`),
  ]) {
    expect((await ask(gateway, heads)).status).toBe(431);
    expect(await sendBytes(port, `${[...upgrade, ...heads].join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  }
  for (const head of ['X-Name: a\0b', 'X-Name: a\rSet-Cookie: b', 'X-Na\u00e4me: a', 'X Name: a', ': a']) {
    expect((await ask(gateway, [head])).status, JSON.stringify(head)).toBe(400);
  }
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
});

test('hostile: deeply nested JSON, prototype names and bodies without an operation are refused as malformed', async () => {
  const gateway = await openGateway();
  const heads = [`Authorization: Bearer ${await gateway.admin()}`];
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
  const operation = '"query":"query ($first: Int) { keys(first: $first) { __typename } }"';
  for (const body of [
    deep,
    `{"query":${deep}}`,
    `{${operation},"variables":{"first":${deep}}}`,
    `{${operation},"variables":${deep}}`,
    `{${operation},"variables":{"first":{"__proto__":{"polluted":1}}}}`,
    `{${operation},"variables":{"first":1e999}}`,
    '{"query":null}',
    '{"query":7}',
    'null',
    '"{ viewer { __typename } }"',
    '[]',
    '',
    '\ufeff{',
    '{"query":"\\ud800"}',
  ]) {
    const answer = await ask(gateway, heads, body);
    // GraphQL over HTTP allows status 200 for errors in a response of type application/json.
    expect([200, 400], body.slice(0, 100)).toContain(answer.status);
    const { data, errors } = JSON.parse(answer.body);
    expect([data, errors[0].extensions.code], body.slice(0, 100)).toEqual([undefined, expect.stringMatching(/^BAD_/)]);
    expect(answer.body.length, body.slice(0, 100)).toBeLessThan(1_000);
  }
  // Names of an object's prototype are names like any other.
  const polluting = `{${operation},"variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`;
  expect((await ask(gateway, heads, polluting)).body).toContain('KeyConnection');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('hostile: a name of any characters is returned unchanged, or refused before it is stored', async () => {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const scopes = [{ action: 'package:push', resource: '**' }];
  const READ = 'query ($id: ID!) { key(id: $id) { name labels { value } events { edges { node { reason } } } } }';
  const HOLD = 'mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom(
      '=1+1',
      '@SUM(A1)',
      '<script>alert(1)</script>',
      '\'; DROP TABLE "Key"; --',
      '%_\\',
      '${x}',
      '{{x}}',
    ),
  );
  let storedCount = 0;
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const input = { realm: 'default', name: text, scopes, labels: [{ name: 'any', value: text }] };
      const { data, errors } = await gateway.ask(ISSUE_KEY, { input }, token);
      if (errors !== undefined) {
        expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
        // Only for what cannot be read: half a character, a control character, nothing but space.
        expect(
          !text.isWellFormed() || /[\p{Control}\u2028\u2029]|^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text),
        ).toBe(true);
        return;
      }
      storedCount += 1;
      const { id } = data['issueKey'].key;
      expect((await gateway.ask(HOLD, { input: { keyId: id, reason: text } }, token)).errors).toBeUndefined();
      const { key } = (await gateway.ask(READ, { id }, token)).data;
      expect([key.name, key.labels, key.events.edges.at(-1).node.reason]).toEqual([text, [{ value: text }], text]);
    }),
    {
      numRuns: isLong ? 2_000 : 100,
      examples: [['a\r\nX-Injected: b'], ['\0'], ['\ud800'], [' '], ['\u{1f468}\u200d\u{1f469}']],
    },
  );
  expect(storedCount).toBeGreaterThan(20);
});
