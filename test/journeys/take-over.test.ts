import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { openCommandWorld, type CommandWorld } from '../support/command-world.ts';
import { issue } from '../support/issue.ts';
import { exportBetterAuth, exportNuget, exportUnkey, type SystemExport } from './exports.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const timeout = isLong ? 3_600_000 : 600_000;

const preload = fileURLToPath(new URL('../support/kill-at.ts', import.meta.url));

/** No stop comes before the ramp begins, in days from now; its length in days. */
const RAMP_FROM = 40;
const RAMP_DAYS = 60;

/** How many secrets one request verifies. */
const VERIFIED_AT_ONCE = 100;

test(
  'take over: three exports with broken rows, killed twice each, become keys once, answer to their old secrets, and stop spread over the ramp',
  { timeout },
  async () => {
    const world = await openCommandWorld();
    const { gateway, pia } = world;
    expect((await world.login(await gateway.admin())).status).toBe(0);
    // A request takes 1,000 rows, or 1.2 MB: each export is more than one.
    const options = (count: number) => ({
      count: isLong ? 10_000 : count,
      ownerId: pia.id,
      now: gateway.clock.now(),
    });
    for (const taken of [exportUnkey(options(500)), exportBetterAuth(options(500)), exportNuget(options(1_100))]) {
      await takeOver(world, taken);
    }
  },
);

async function takeOver(
  world: CommandWorld,
  { system, fileName, text, words: own, foreignSecrets, keys }: SystemExport,
) {
  const { gateway, run, write, read, files } = world;
  const verifier = await prepareRealm(world, system, foreignSecrets);
  const bindFrom = addMs(gateway.clock.now(), RAMP_FROM * DAY_MS);
  const ramp = ['--bind-from', bindFrom.toISOString(), '--spread-over', `${RAMP_DAYS}d`];
  const words = ['import', write(fileName, text), '--realm', system, ...own, ...ramp, '--json'];
  const sound = keys.filter(({ broken }) => broken === null);
  const countKeys = () => gateway.prisma.keyImport.count({ where: { key: { realm: { slug: system } } } });

  // The calls of a dry run tell at which of them rows are sent; an import reads its journal before, in one more call.
  const log = world.path('calls');
  const killedAt = (at: number, more: readonly string[] = []) =>
    run([...words, ...more], { env: { KILL_AT: String(at), KILL_LOG: log }, node: ['--import', preload] });
  const tried = await killedAt(0, ['--dry-run']);
  const counts = { rows: keys.length, refused: keys.length - sound.length };
  expect(tried).toMatchObject({ status: 65, json: { ...counts, dryRun: true, imported: sound.length } });
  expect(await countKeys()).toBe(0);
  const calls = read('calls').split('\n');
  const sentAt = calls.indexOf('ask Change') + 2;
  const requestCount = calls.filter((call) => call === 'ask Change').length;
  expect(requestCount).toBeGreaterThan(1);

  // Killed before a journal was written, and after one was.
  const kills = [sentAt + 3, sentAt + 11 + 7 * Math.floor((requestCount - 2) / 2)];
  for (const at of kills) expect((await killedAt(at)).status).toBe(null);
  const killedCount = await countKeys();
  expect(killedCount).toBeGreaterThan(0);
  // An import that began with other options is not continued with these: some rows would get another ramp or owner.
  for (const other of [[...words, '--source', 'elsewhere'], words.filter((word) => !ramp.includes(word))]) {
    const refused = await run(other);
    expect([refused.status, refused.stderr]).toEqual([
      64,
      expect.stringMatching(/interrupted after row \d+, and began with other options: found another --/),
    ]);
  }
  const finished = await run(words);
  expect(finished).toMatchObject({ status: 65, json: { ...counts, dryRun: false } });
  expect(finished.json.imported + finished.json.unchanged).toBe(sound.length);
  // Also the days of the rows before the kills.
  const stops = finished.json.stops as readonly { readonly day: string; readonly count: number }[];
  const alive = sound.filter(({ outcome }) => outcome !== 'KEY_REVOKED');
  expect(stops.reduce((sum, { count }) => sum + count, 0)).toBe(alive.length);
  expect(await countKeys()).toBe(sound.length);
  const [issued] = await gateway.prisma.$queryRaw<{ events: number; keys: number; ids: number }[]>`
    SELECT count(*)::int AS events, count(DISTINCT e."keyId")::int AS keys, count(DISTINCT i."externalKeyId")::int AS ids
    FROM "Event" e JOIN "KeyImport" i ON i."keyId" = e."keyId" JOIN "Realm" r ON r.id = e."realmId"
    WHERE r.slug = ${system} AND e.type = 'KEY_ISSUED'`;
  expect(issued).toEqual({ events: sound.length, keys: sound.length, ids: sound.length });
  expect(files().filter((name) => name.endsWith('.import'))).toEqual([]);
  const reported = read(`${fileName}.refused`);
  const codes = keys.flatMap(({ broken }) => broken?.code ?? []);
  for (const code of new Set(codes)) {
    expect([code, reported.split(code).length - 1]).toEqual([code, codes.filter((one) => one === code).length]);
  }

  // Before they are used: a use moves the stop.
  await expectSpread(
    world,
    system,
    bindFrom,
    sound.filter(({ isIdle, outcome }) => isIdle && outcome === 'VALID').length,
  );
  expect(await verifyAll(world, verifier, keys)).toEqual(keys.map(({ id, outcome }) => [id, outcome]));
}

/** Makes a realm that accepts the secrets of a system. Returns the secret of a key that verifies in it. */
async function prepareRealm(
  { gateway }: CommandWorld,
  slug: string,
  foreignSecrets: SystemExport['foreignSecrets'],
): Promise<string> {
  const admin = await gateway.admin();
  const create = 'mutation ($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }';
  await gateway.ask(create, { input: { slug, name: slug, foreignSecrets } }, admin);
  const define = 'mutation ($input: DefineActionInput!) { defineAction(input: $input) { __typename } }';
  await gateway.ask(define, { input: { realm: slug, name: 'package:push', description: 'Push packages.' } }, admin);
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { secret } = await issue(gateway, admin, { realm: slug, name: 'the API', scopes });
  return secret;
}

/** Verifies the secrets of all keys as the API does, and returns the outcome for each id. */
async function verifyAll(
  { gateway }: CommandWorld,
  credential: string,
  keys: SystemExport['keys'],
): Promise<readonly (readonly [id: string, outcome: string])[]> {
  const verified: [string, string][] = [];
  for (let index = 0; index < keys.length; index += VERIFIED_AT_ONCE) {
    const some = keys.slice(index, index + VERIFIED_AT_ONCE);
    const response = await fetch(`${gateway.url}/verify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
      body: JSON.stringify({ items: some.map(({ secret }) => ({ secret })) }),
    });
    const { items } = (await response.json()) as { readonly items: readonly { readonly outcome: string }[] };
    verified.push(...some.map(({ id }, place): [string, string] => [id, items[place]?.outcome ?? '']));
  }
  return verified;
}

/** Expects that keys that were idle for long stop within the ramp, on most of its days and on none in great numbers. */
async function expectSpread({ gateway }: CommandWorld, slug: string, bindFrom: Date, count: number): Promise<void> {
  const days = await gateway.prisma.$queryRaw<{ day: number; count: number }[]>`
    SELECT floor(extract(epoch FROM k."stopsAt" - ${bindFrom}::timestamptz) / 86400)::int AS day, count(*)::int AS count
    FROM "Key" k JOIN "Realm" r ON r.id = k."realmId" JOIN "KeyImport" i ON i."keyId" = k.id
    WHERE r.slug = ${slug} AND k."stopsAt" < ${addMs(bindFrom, (RAMP_DAYS + 1) * DAY_MS)}
      AND k."lastUsedAt" < ${addMs(bindFrom, -700 * DAY_MS)} AND k."revokedAt" IS NULL
      AND NOT EXISTS (SELECT FROM "Hold" h WHERE h."keyId" = k.id)
    GROUP BY 1 ORDER BY 1`;
  expect(days.reduce((sum, each) => sum + each.count, 0)).toBe(count);
  expect(days[0]?.day).toBeGreaterThanOrEqual(0);
  expect(days.length).toBeGreaterThan(RAMP_DAYS / 2);
  expect(Math.max(...days.map((each) => each.count))).toBeLessThan((4 * count) / RAMP_DAYS + 10);
}
