// Measures the replay of a draft: npm run bench:replay [-- <keys>]
//
// Creates keys (default 100,000) in a fresh embedded PostgreSQL, of 1,000 owners: a third used each day, a third each week and a
// third each month by one consumer for 90 days, every other key renewed by a program each 40 days. Replays drafts over
// 90 days: a limit of 20 days without use, which the monthly ones do not meet, and a cap of 60 days. Prints the time of each, also
// by the CPU time of this process and of PostgreSQL, and the memory of this process.

import { previewPolicy } from '../src/bindings/preview.ts';
import { DAY_MS } from '../src/domain/duration.ts';
import { dayOf } from '../src/domain/usage-day.ts';
import { replayPolicy } from '../src/replay/replay-policy.ts';
import { reportFigure } from './goals.ts';
import { postgresSeconds } from './verify/postgres-seconds.ts';
import { openPolicyBench } from './policy-bench.ts';

const count = Number(process.argv[2] ?? 100_000);
const DAYS = 90;
const bench = await openPolicyBench();
const { core, admin, folder } = bench;
const { prisma } = core;
try {
  await makeKeys();
  const drafts = [
    { realm: 'default', policy: 'active-never-expires', config: { idle: 'P20D' } },
    { realm: 'default', policy: 'bounded-lifetime', config: { longest: 'P60D', capEveryKey: 'P60D' } },
  ];
  const seconds = [];
  for (const draft of drafts) {
    const before = start();
    const { jobCount, failedJobCount, failedKeyCount, faultCount } = await replayPolicy(
      core,
      admin,
      draft,
      DAYS * DAY_MS,
    );
    seconds.push(report(`replay of ${draft.policy}`, before));
    console.log(`  ${jobCount} jobs, ${failedJobCount} failed, of ${failedKeyCount} keys; ${faultCount} not evaluated`);
  }
  reportFigure('replay', [(Math.max(...seconds) * 100_000) / count]);
  const before = start();
  const { findings } = await previewPolicy(core, admin, drafts[0] as (typeof drafts)[0]);
  report('preview of the first, with findings', before);
  for (const { code, keyCount } of findings) console.log(`  ${code}: ${keyCount}`);
  console.log(`memory of this process: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);

  async function makeKeys() {
    const { id: realmId } = await prisma.realm.findFirstOrThrow();
    const today = dayOf(Date.now());
    await prisma.$executeRaw`
      INSERT INTO "Organization" (id, name, "createdAt")
      SELECT 'organization_' || lpad(to_hex(n), 26, '0'), 'owner ' || n, now() - interval '300 days'
      FROM generate_series(0, 999) AS n`;
    for (let from = 1; from <= count; from += 20_000) {
      const to = Math.min(count, from + 19_999);
      await prisma.$executeRaw`
        INSERT INTO "Key" (id, "realmId", "organizationId", name, scopes, "createdAt", "grantedAt", "activeAt", "lastUsedAt",
                           "renewedAt", "renewalCount", "isSelfRenewing", "stopsAt", "stopsBasis", "reviewAt")
        SELECT 'key_' || lpad(to_hex(n), 26, '0'), ${realmId}, 'organization_' || lpad(to_hex(n % 1000), 26, '0'), 'key ' || n,
               '[{"action":"package:push","resource":"Acme.*"}]'::jsonb, now() - interval '170 days', now() - interval '170 days',
               now(), now(), CASE WHEN n % 2 = 0 THEN now() - interval '10 days' END, CASE WHEN n % 2 = 0 THEN 4 ELSE 0 END,
               n % 2 = 0, now() + interval '365 days', 'BY_USE', now() + interval '335 days'
        FROM generate_series(${from}::int, ${to}::int) AS n`;
      await prisma.$executeRaw`
        INSERT INTO "Secret" (id, "keyId", generation, digest, start, "createdAt", "firstUsedAt", "lastUsedAt")
        SELECT 'secret_' || n, 'key_' || lpad(to_hex(n), 26, '0'), 1, sha256(n::text::bytea), 'kt_', now() - interval '170 days',
               now() - interval '99 days', now() FROM generate_series(${from}::int, ${to}::int) AS n`;
      await prisma.$executeRaw`
        INSERT INTO "Use" ("secretId", consumer, "firstUsedAt", "lastUsedAt", "useCount", days, "lastDay")
        SELECT 'secret_' || n, 'github.com/acme/' || n, now() - interval '99 days', now(), 90,
               substring(repeat('1' || repeat('0', every - 1), 100) FROM 1 FOR 100)::varbit, ${today}::int
        FROM (SELECT n, (ARRAY[1, 7, 30])[n % 3 + 1] AS every FROM generate_series(${from}::int, ${to}::int) AS n) AS drawn`;
      await prisma.$executeRaw`
        INSERT INTO "UseDays" ("keyId", days)
        SELECT 'key_' || lpad(to_hex(n), 26, '0'), ARRAY(
          SELECT ${today}::int - d FROM generate_series(99, 0, -1) AS d WHERE d % ((ARRAY[1, 7, 30])[n % 3 + 1]) = 0)
        FROM generate_series(${from}::int, ${to}::int) AS n`;
      await prisma.$executeRaw`
        INSERT INTO "Event" (position, id, type, at, "recordedAt", "keyId", "realmId", "actorKind", data)
        SELECT 100 + n * 5 + r, 'event_' || n || '_' || r, CASE r WHEN 4 THEN 'KEY_ISSUED' ELSE 'KEY_RENEWED' END, at, at,
               'key_' || lpad(to_hex(n), 26, '0'), ${realmId}, 'KEY', '{}'::jsonb
        FROM generate_series(${from}::int, ${to}::int) AS n, generate_series(0, 4) AS r,
             LATERAL (SELECT now() - (10 + 40 * r) * interval '1 day' AS at) AS moment
        WHERE n % 2 = 0 OR r = 4`;
    }
    await prisma.$executeRaw`ANALYZE`;
  }
} finally {
  await bench.close();
}

/** Returns the times so far, in seconds. */
function start() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, node: (user + system) / 1e6, postgres: postgresSeconds(folder) };
}

/** Prints how long a step took. Returns the seconds. */
function report(what: string, before: ReturnType<typeof start>): number {
  const after = start();
  const seconds = after.wall - before.wall;
  console.log(
    `${what}: ${count} keys in ${seconds.toFixed(1)} s; CPU: ${(after.node - before.node).toFixed(1)} s of this process, ` +
      `${(after.postgres - before.postgres).toFixed(1)} s of PostgreSQL`,
  );
  return seconds;
}
