import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { banner, type BannerFacts } from '../../src/http/banner.ts';
import { listen } from '../../src/http/listen.ts';

const facts: BannerFacts = {
  version: '0.1.0',
  publicUrl: 'http://127.0.0.1:4000',
  database: 'an embedded PostgreSQL in /srv/keytide/.keytide',
  adminEmail: 'admin@localhost',
  generatedPassword: new Sensitive('fjord-anvil-quartz-meadow-27'),
  isColored: false,
};

interface Received {
  readonly authorization: string | undefined;
  readonly body: { readonly query: string; readonly variables: { readonly i: Record<string, unknown> } };
}

/** Runs the three commands of a banner in a shell, against a server that answers as the gateway would. */
async function runCommands(given: Partial<BannerFacts>): Promise<{ received: Received[]; printed: string }> {
  const received: Received[] = [];
  const answers = [
    '{"data":{"signIn":{"token":"eyJ.a-b_c"}}}',
    '{"data":{"issueKey":{"secret":"kt_xyz"}}}',
    '{"data":3}',
  ];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body'];
      received.push({ authorization: request.headers.authorization, body });
      response.end(answers[received.length - 1]);
    });
  });
  onTestFinished(() => void server.close());
  const publicUrl = `http://127.0.0.1:${await listen(server, '127.0.0.1', 0)}`;
  const lines = banner({ ...facts, ...given, publicUrl }).split('\n');
  const start = lines.findIndex((line) => line.trim() === ': 1. Sign in');
  const script = lines.slice(start, -2).filter((line) => !/^ {2}\d\. /.test(line));
  const printed = await new Promise<string>((resolve, reject) => {
    execFile('/bin/sh', ['-eu', '-c', script.join('\n')], (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  return { received, printed };
}

test('banner: fits into 100 columns, in plain characters without colour', () => {
  const text = banner(facts);
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  expect(stripVTControlCharacters(text)).toBe(text);
  expect(text).toMatchInlineSnapshot(`
    "── Keytide 0.1.0 ───────────────────────────────────────────────────────────────────────────────────
      Console   http://127.0.0.1:4000/
      GraphQL   http://127.0.0.1:4000/graphql
      Health    http://127.0.0.1:4000/readyz  http://127.0.0.1:4000/metrics
      Key set   http://127.0.0.1:4000/.well-known/jwks.json
      Data      an embedded PostgreSQL in /srv/keytide/.keytide
      Sign in   admin@localhost  with the password  fjord-anvil-quartz-meadow-27
                It is shown only now: sign in and change it, or store it safely.

      : 1. Sign in
    TOKEN=$(curl -s 'http://127.0.0.1:4000/graphql' \\
      -H 'Content-Type: application/json' -d '{
      "query":"mutation($i:SignInInput!){signIn(input:$i){...on SignInSuccess{token}}}",
      "variables":{"i":{"email":"admin@localhost",
        "password":"fjord-anvil-quartz-meadow-27"}}
    }' | sed -E 's/.*"token":"([^"]*)".*/\\1/')
      : 2. Issue a key
    SECRET=$(curl -s 'http://127.0.0.1:4000/graphql' \\
      -H 'Content-Type: application/json' -H "Authorization: Bearer $TOKEN" -d '{
      "query":"mutation($i:IssueKeyInput!){issueKey(input:$i){...on IssueKeySuccess{secret}}}",
      "variables":{"i":{"realm":"default","name":"my first key","lifetime":"P90D",
        "scopes":[{"action":"package:push","resource":"Acme.*"}]}}
    }' | sed -E 's/.*"secret":"([^"]*)".*/\\1/')
      : 3. Verify it
    curl -s 'http://127.0.0.1:4000/graphql' \\
      -H 'Content-Type: application/json' -H "Authorization: Bearer $TOKEN" -d '{
      "query":"mutation($i:VerifyKeyInput!){verifyKey(input:$i){outcome stopsAt message}}",
      "variables":{"i":{"secret":"'"$SECRET"'",
        "action":"package:push","resource":"Acme.Core"}}
    }'; echo
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    "
  `);
});

test('banner: colour changes nothing but colour', () => {
  const colored = banner({ ...facts, isColored: true });
  expect(colored).toContain('\u001b[');
  expect(stripVTControlCharacters(colored)).toBe(banner(facts));
});

test('banner: shows the password only if it was just generated', () => {
  const text = banner({ ...facts, generatedPassword: null });
  expect(text).not.toContain('fjord');
  expect(text).not.toContain('[secret]');
  expect(text).toContain('"password":"YOUR-PASSWORD"');
});

test('banner: the three commands work when copied into a shell', async () => {
  const { received, printed } = await runCommands({});
  expect(received.map(({ authorization }) => authorization)).toEqual([
    undefined,
    'Bearer eyJ.a-b_c',
    'Bearer eyJ.a-b_c',
  ]);
  expect(received.map(({ body }) => body.variables.i)).toEqual([
    { email: 'admin@localhost', password: 'fjord-anvil-quartz-meadow-27' },
    {
      realm: 'default',
      name: 'my first key',
      lifetime: 'P90D',
      scopes: [{ action: 'package:push', resource: 'Acme.*' }],
    },
    { secret: 'kt_xyz', action: 'package:push', resource: 'Acme.Core' },
  ]);
  for (const { body } of received) expect(() => parse(body.query)).not.toThrow();
  expect(printed).toBe('{"data":3}\n');
});

test('banner: an email with shell and JSON metacharacters is escaped', async () => {
  const adminEmail = "o'hara$(id)`id`!%\\n@example.org";
  const { received } = await runCommands({ adminEmail });
  expect(received[0]?.body.variables.i['email']).toBe(adminEmail);
});
