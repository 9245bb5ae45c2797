import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSecret } from '../../src/domain/secret.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { createLogger, type LoggerOptions } from '../../src/logging/logger.ts';
import { redact } from '../../src/logging/redact.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { freshDatabase } from '../support/database.ts';

const secret = newSecret(systemRandom).reveal();
const token = `${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.eyJzdWIiOiJhIn0.c2lnbmF0dXJl`;
const canary = 'KTCANARY';

let store: Store;

beforeAll(async () => {
  store = openStore(await freshDatabase(), { poolSize: 2, log: { info() {}, warn() {} } });
});

afterAll(() => store.close());

function logTo(written: string[], options: Partial<LoggerOptions> = {}): ReturnType<typeof createLogger> {
  const write = (entry: string) => void written.push(entry);
  return createLogger({ level: 'trace', format: 'json', isTerminal: false, isColored: false, write, ...options });
}

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('log: an entry is one line of JSON with time, level, message and fields', () => {
  const written: string[] = [];
  logTo(written).child({ requestId: 'abc' }).info({ status: 200 }, 'request');
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^\{.*\}\n$/);
  const entry = JSON.parse(written[0]!) as { time: string };
  expect(entry).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    pid: process.pid,
    requestId: 'abc',
    status: 200,
    msg: 'request',
  });
});

test('log: on a terminal entries are pretty unless JSON is configured, and colored only if wanted', () => {
  const written: string[] = [];
  logTo(written, { format: null, isTerminal: true }).info({ status: 200 }, 'request');
  logTo(written, { format: null, isTerminal: true, isColored: true }).info('request');
  logTo(written, { format: 'json', isTerminal: true }).info('request');
  logTo(written, { format: 'pretty' }).info('request');
  logTo(written, { format: null }).info('request');
  expect(written[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: request\n {4}status: 200\n$/);
  expect(written[1]).toContain('\u001b[');
  expect(written[2]).toMatch(/^\{/);
  expect(written[3]).toMatch(/^\[\d\d/);
  expect(written[4]).toMatch(/^\{/);
});

test('log: entries below the level are not written', () => {
  const written: string[] = [];
  const log = logTo(written, { level: 'warn' });
  log.info('quiet');
  log.warn('loud');
  expect(written).toHaveLength(1);
});

test('log: fields with the name of a secret are redacted, at any depth and with any value', () => {
  const written: string[] = [];
  const names = ['authorization', 'cookie', 'password', 'secret', 'token'];
  for (const format of ['json', 'pretty'] as const) {
    const log = logTo(written, { format });
    for (const name of names) {
      log.info({ [name]: canary });
      log.info({ a: { [name]: [canary] } });
      log.info({ a: { b: { [name]: { c: canary } } } });
      log.info({ a: { b: { c: { d: { e: { [name]: `quote " and ${canary}` } } } } } });
    }
    log.info({ req: { headers: { Authorization: canary, 'Set-Cookie': canary } } });
    log.info({ settings: { adminPassword: new Sensitive(canary) } });
  }
  expect(written).toHaveLength(44);
  expect(written.join('')).not.toContain(canary);
  expect(written[0]).toContain('"authorization":"[secret]"');
});

test('log: secrets and tokens are redacted in any text, and the entry is still JSON', () => {
  const written: string[] = [];
  const log = logTo(written);
  const texts = [
    secret,
    `Bearer ${secret}.`,
    `x${secret}x`,
    secret.slice(0, 30),
    token,
    `jwt=${token}&a`,
    token.slice(0, 30),
  ];
  for (const text of [...texts, `postgres://keytide:${canary}@db:5432/x`]) {
    log.info(text);
    log.info({ nested: { text: [text, `"${text}"`] } }, 'a message');
    log.error(new Error(text));
    log.error({ error: new Error('outer', { cause: new Error(text) }) });
    log.child({ requestId: text }).info('hello');
  }
  expect(written).toHaveLength(40);
  for (const line of written) {
    expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(line).not.toContain(secret.slice(9, 25));
    expect(line).not.toContain(token.slice(0, 20));
    expect(line).not.toContain('c2lnbmF0dXJl');
    expect(line).not.toContain(canary);
  }
});

test('log: text that only resembles a secret is not redacted', () => {
  const plain = `key_01h455vb4pex5vsknk084sn02q ${secret.slice(0, 9)}… eyJoy https://keys.example/path?a=b me@example.org`;
  expect(redact(plain)).toBe(plain);
});

test('log: errors of Prisma are logged without their arguments', async () => {
  const written: string[] = [];
  const log = logTo(written);
  const { prisma } = store;
  const createdAt = new Date('2030-01-01');
  const account = { id: canary, email: canary, name: canary, passwordHash: canary, createdAt };
  await prisma.account.create({ data: account });
  const bogus = { ...account, bogus: canary };
  const attempts = [
    () => prisma.account.create({ data: account }),
    () => prisma.account.create({ data: bogus }),
    () => prisma.account.findUniqueOrThrow({ where: { id: `${canary}2` } }),
    () => prisma.session.create({ data: { id: canary, accountId: canary, createdAt, expiresAt: createdAt } }),
    () => prisma.$queryRaw`SELECT ${`${canary}\n${canary}`}::int`,
    () => prisma.$queryRawUnsafe(`SELECT '${canary}'::interval`),
  ];
  for (const attempt of attempts) log.error({ err: await thrownBy(attempt) }, 'a request failed');
  const client = store.openClient();
  await client.connect();
  log.error(await thrownBy(() => client.query('SELECT $1::int', [canary])));
  log.error(await thrownBy(() => client.query('INSERT INTO "Session" VALUES ($1, $1, now(), now())', [canary])));
  await client.end();
  expect(written).toHaveLength(8);
  for (const line of written) expect(line).not.toContain(canary);
  const messages = written.map((line) => (JSON.parse(line) as { err: { message: string } }).err.message);
  expect(messages).toEqual([
    'prisma.account.create(): 23505 duplicate key value violates unique constraint "Account_pkey"',
    'prisma.account.create(): Unknown argument `bogus`. Available options are marked with ?.',
    expect.stringContaining('prisma.account.findUniqueOrThrow(): An operation failed because'),
    expect.stringMatching(
      /^prisma\.session\.create\(\): \d{5} new row for relation "Session" violates check constraint/,
    ),
    'prisma.$queryRaw(): 22P02 invalid input syntax for type integer: "…"',
    'prisma.$queryRawUnsafe(): 22007 invalid input syntax for type interval: "…"',
    'invalid input syntax for type integer: "…"',
    expect.stringContaining('new row for relation "Session" violates check constraint'),
  ]);
});

test('log: an error is reduced to its type, code, message, frames and causes', () => {
  const written: string[] = [];
  const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER', params: [canary] });
  logTo(written).error(Object.assign(new Error('outer', { cause }), { request: { body: canary } }));
  logTo(written).error({ err: canary });
  const { err } = JSON.parse(written[0]!) as { err: Record<string, unknown> };
  expect(err).toEqual({
    type: 'Error',
    message: 'outer',
    stack: expect.stringMatching(/^\s+at .*logger\.test\.ts/),
    cause: { type: 'TypeError', message: 'inner', code: 'E_INNER', stack: expect.stringMatching(/^\s+at /) },
  });
  expect(written.join('')).not.toContain(canary);
});
