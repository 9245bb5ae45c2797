import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  type GraphQLInputType,
} from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { connectionStringFor } from '../../src/store/server-socket.ts';
import { stopLeftover } from '../support/embedded-process.ts';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** An empty folder to start a gateway in, as a person would: its data goes below it. */
function emptyFolder(): string {
  const folder = scratchFolder();
  onTestFinished(() => stopLeftover(join(folder, '.keytide')));
  return folder;
}

/** Where the machine has no curl, this stands for it: the same requests by fetch. Puts it into a folder for the PATH. */
function standInForCurl(folder: string): string {
  const program = `#!${process.execPath}
    const headers = {}; let url, body;
    for (let [, , ...rest] = process.argv, word; (word = rest.shift()) !== undefined; ) {
      if (word === '-H') { const [name, value] = rest.shift().split(': '); headers[name] = value; }
      else if (word === '-d') body = rest.shift();
      else if (!word.startsWith('-')) url = word;
    }
    fetch(url, { method: 'POST', headers, body }).then(async (answer) => process.stdout.write(await answer.text()));`;
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'curl'), program);
  chmodSync(join(folder, 'bin', 'curl'), 0o755);
  return join(folder, 'bin');
}

/** Runs the three commands of a banner, one after the other, in a shell. */
async function runCommands(banner: string, folder: string): Promise<string> {
  const lines = banner.split('\n');
  const start = lines.findIndex((line) => line.trim() === ': 1. Sign in');
  const script = lines.slice(start, -2).filter((line) => !/^ {2}\d\. /.test(line));
  const env = { PATH: [process.env['PATH'], standInForCurl(folder)].join(delimiter) };
  return (await promisify(execFile)('/bin/sh', ['-eu', '-c', script.join('\n')], { env })).stdout;
}

/** The files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => readFileSync(path).includes(text));
}

/** Whether something listens there. */
function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

const scalars: Readonly<Record<string, unknown>> = { Boolean: true, Int: 1 };

/** A value that an input takes, made of what is required alone. */
function valueFor(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isScalarType(type)) return scalars[type.name] ?? 'taken-over@example.com';
  if (!isInputObjectType(type)) return null;
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, valueFor(field.type)]));
}

test('first start: the three printed commands end in VALID; the password is shown once and stored nowhere', async () => {
  const folder = emptyFolder();
  const first = await startGateway(folder);
  const password = first.password!;
  expect(password).toMatch(/^[\w-]{24}$/);
  const printed = await runCommands(first.banner, folder);
  expect(JSON.parse(printed)).toMatchObject({ data: { verifyKey: { outcome: 'VALID' } } });
  const wrong = await askAt(
    first.url,
    'mutation { signIn(input: { email: "admin@localhost", password: "no" }) { __typename } }',
    {},
  );
  expect(wrong.data['signIn'].__typename).toBe('InvalidCredentials');
  await first.end('SIGTERM');

  const { stdout, stderr } = first.written();
  expect(stderr).toBe('');
  // In the line of the box that says so, and in the command that signs in.
  expect(stdout.split(password)).toHaveLength(3);
  expect(first.banner.split(password)).toHaveLength(3);
  expect(filesWith(folder, password)).toEqual([]);

  const second = await startGateway(folder);
  expect(second.password).toBeNull();
  expect(second.banner).toContain('"password":"YOUR-PASSWORD"');
  const signedIn = await askAt(second.url, 'mutation($i: SignInInput!) { signIn(input: $i) { __typename } }', {
    i: { email: 'admin@localhost', password },
  });
  expect(signedIn.data['signIn'].__typename).toBe('SignInSuccess');
  await second.end('SIGTERM');
  expect(JSON.stringify(second.written())).not.toContain(password);
  expect(filesWith(folder, password)).toEqual([]);
});

/** Mutations by which somebody proves who it is, and what is said to who does not. */
const proved: Record<string, string> = {
  signIn: 'InvalidCredentials',
  acceptInvitation: 'InvitationNotFound',
  exchangeToken: 'TokenNotAccepted',
};

test('first start: it listens on loopback only, and no account is created without an invitation', async () => {
  const folder = emptyFolder();
  const { url, end, written } = await startGateway(folder, { KEYTIDE_ADMIN_PASSWORD: 'a good long password' });
  const port = Number(new URL(url).port);
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = others
    .filter(({ internal }) => !internal)
    .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address));
  expect(await isOpen('127.0.0.1', port)).toBe(true);
  // On Linux 127.0.0.2 reaches whatever listens on all addresses, also on a machine without a network.
  for (const host of ['127.0.0.2', '::1', ...outside]) expect(await isOpen(host, port), host).toBe(false);

  for (const field of Object.values(schema.getMutationType()!.getFields())) {
    const [input] = field.args;
    const signature = input === undefined ? '' : `($input: ${String(input.type)})`;
    const call = input === undefined ? field.name : `${field.name}(input: $input)`;
    const isObject = String(field.type) !== 'Boolean!';
    const query = `mutation${signature} { ${call}${isObject ? ' { __typename }' : ''} }`;
    const answer = await askAt(url, query, input === undefined ? {} : { input: valueFor(input.type) });
    const outcome = answer.errors?.[0]?.extensions['code'] ?? answer.data[field.name].__typename;
    expect(outcome, field.name).toBe(proved[field.name] ?? 'UNAUTHENTICATED');
  }
  const database = createPgClient(connectionStringFor(join(folder, '.keytide', 'postgres')));
  await database.connect();
  const { rows } = await database.query('SELECT email FROM "Account"');
  await database.end();
  expect(rows).toEqual([{ email: 'admin@localhost' }]);
  await end('SIGTERM');
  expect(JSON.stringify(written())).not.toContain('a good long password');
});
