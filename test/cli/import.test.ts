import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { writeCsv } from '../../src/cli/import/read-csv.ts';
import { openCommandWorld } from '../support/command-world.ts';
import { makeImportRows } from '../support/import-rows.ts';
import { VERIFY_KEY } from '../support/operations.ts';

const PUSH = ['--scope', 'package:push=Acme.*'];

test('import: exports of other systems are imported, and verified by their old secrets', async () => {
  const world = await openCommandWorld();
  const { gateway, run, write, read, rights, pia } = world;
  const admin = await gateway.admin();
  expect((await world.login(admin)).status).toBe(0);
  const verify = async (secret: string) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'].outcome as string;
  const daysAgo = (days: number) => gateway.clock.now().getTime() - days * DAY_MS;
  const used = { createdAt: daysAgo(900), lastUsedAt: daysAgo(800) };

  // An export of Unkey as NDJSON, with broken rows.
  const unkey = makeImportRows(6, pia.id);
  const lines = unkey.map(({ secret, row }, index) => ({
    id: `key_${index}`,
    hash: hash('sha256', secret, 'base64'),
    start: row.start,
    name: row.name,
    ownerId: pia.id,
    enabled: index !== 1,
    permissions: index === 2 ? ['image:pull'] : ['package:push=Acme.*'],
    ...(index === 3 && { hash: 'not a digest' }),
    ...(index === 4 && { createdAt: 'yesterday' }),
    ...(index === 5 && used),
  }));
  const file = write('unkey.ndjson', `\uFEFF${lines.map((line) => JSON.stringify(line)).join('\r\n')}\r\n\r\n`);
  const ramp = ['--bind-from', new Date(daysAgo(-40)).toISOString(), '--spread-over', '60d'];
  const words = ['import', file, '--from', 'unkey', ...ramp, '--json'];
  const tried = await run([...words, '--dry-run']);
  expect(tried).toMatchObject({ status: 65, json: { dryRun: true, rows: 6, imported: 3, unchanged: 0, refused: 3 } });
  expect(await gateway.prisma.key.count()).toBe(0);
  const imported = await run(words);
  expect(imported).toMatchObject({
    status: 65,
    json: { imported: 3, unchanged: 0, refused: 3, stops: tried.json.stops },
  });
  expect(imported.stdout + imported.stderr).not.toContain(lines[0]?.hash);
  expect(await Promise.all(unkey.map(({ secret }) => verify(secret)))).toEqual([
    'VALID',
    'KEY_HELD',
    'KEY_UNKNOWN',
    'KEY_UNKNOWN',
    'KEY_UNKNOWN',
    'VALID',
  ]);
  const [old] = await gateway.prisma.key.findMany({ where: { name: 'imported 5' } });
  expect(old?.stopsAt?.getTime()).toBeGreaterThanOrEqual(daysAgo(-40));
  // The report has the refused rows as they were, with the reason; mended, it is imported.
  expect(rights('unkey.ndjson.refused')).toBe('600');
  const refused = read('unkey.ndjson.refused')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(refused.map(({ refusedCode, name }) => [refusedCode, name])).toEqual([
    ['SCOPE_NOT_ALLOWED', 'imported 2'],
    ['BAD_USER_INPUT', 'imported 3'],
    ['BAD_USER_INPUT', 'imported 4'],
  ]);
  const mended = refused.map((line, index) => ({
    ...line,
    hash: hash('sha256', unkey[index + 2]?.secret ?? '', 'base64'),
    permissions: ['package:push=Acme.*'],
    createdAt: daysAgo(3),
  }));
  const again = write('mended.ndjson', mended.map((line) => JSON.stringify(line)).join('\n'));
  expect(await run(['import', again, '--from', 'unkey', '--json'])).toMatchObject({ status: 0, json: { imported: 3 } });
  expect(await verify(unkey[2]?.secret ?? '')).toBe('VALID');

  // An export of better-auth as CSV, with quotes, CRLF and columns that nothing needs.
  const auth = makeImportRows(2, pia.id);
  const csv = [
    ['id', 'name', 'start', 'key', 'userId', 'enabled', 'permissions', 'metadata', 'createdAt'],
    ...auth.map(({ secret, row }, index) => [
      `auth ${index}`,
      `say "${row.name}",\r\nplease`.replace('\r\n', ' '),
      row.start,
      hash('sha256', secret, 'base64url'),
      pia.id,
      index === 0 ? '1' : 'false',
      '{"package":["push"]}',
      'line one\nline two',
      '2025-01-02 03:04:05',
    ]),
  ];
  const authFile = write('auth.csv', `\uFEFF${csv.map(writeCsv).join('')}`);
  expect(await run(['import', authFile, '--from', 'better-auth', '--json'])).toMatchObject({
    status: 0,
    json: { imported: 2 },
  });
  expect([await verify(auth[0]?.secret ?? ''), await verify(auth[1]?.secret ?? '')]).toEqual(['VALID', 'KEY_HELD']);
  const stored = await gateway.prisma.key.findFirstOrThrow({ where: { name: 'say "imported 0", please' } });
  expect(stored).toMatchObject({
    createdAt: new Date('2025-01-02T03:04:05Z'),
    scopes: [{ action: 'package:push', resource: '**' }],
  });

  // What cannot be read is refused before anything is sent.
  for (const [text, status, message] of [
    ['a,b\n"open', 65, 'has a quote that is not closed'],
    ['a\n1,2\n', 65, 'A record has 2 fields; the header has 1.'],
    ['a\n"x"y\n', 65, 'has text after a closing quote'],
  ] as const) {
    const broken = await run(['import', write('broken.csv', text), ...PUSH]);
    expect([broken.status, broken.stderr]).toEqual([status, expect.stringContaining(message)]);
  }
  expect((await run(['import', 'nowhere.csv'])).status).toBe(66);
  expect((await run(['import', file, '--map', 'a=b'])).status).toBe(64);
  expect((await run(['import', file, '--from', 'elsewhere'])).status).toBe(64);
});
