import type { Client } from 'pg';
import { DAY_MS } from '../../src/domain/duration.ts';
import { maintainLog } from '../../src/log/maintain-log.ts';
import type { Clock } from '../../src/store/clock.ts';

/** A key and an owner with events only at the start and at the end of the log. */
export const RARE_KEY = 'key_rare';
export const RARE_OWNER = 'account_rare';

/** A type that occurs only at the end of the log. */
export const RARE_TYPE = 'POLICY_BROKEN';

/** Age of the first half of the events, in ms. The others are new. */
export const OLD_MS = 500 * DAY_MS;

/** Fills an empty log with events of 100,000 keys and 1,000 owners. The indexes are created after the rows. */
export async function fillLog(connect: () => Promise<Client>, clock: Clock, count: number): Promise<void> {
  const client = await connect();
  await client.query(`UPDATE "LogHead" SET position = ${count}`);
  await maintainLog({ clock, connect, retentionMs: null, signal: new AbortController().signal });
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index WHERE indrelid = '"Event"'::regclass AND NOT indisprimary`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  await client.query(
    `INSERT INTO "Realm" (id, slug, name, "createdAt", "minimumNoticeMs", "shortestLifetimeMs", "longestLifetimeMs")
     VALUES ('realm_0', 'default', 'Default', $1, 1, 1, 1)`,
    [clock.now()],
  );
  const old = new Date(clock.now().getTime() - OLD_MS);
  await client.query(
    `INSERT INTO "Event" (position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId", "actorKind", data)
     SELECT i, 'event_' || lpad(to_hex(i), 26, '0'),
       CASE WHEN i > $1::int - 1000 THEN '${RARE_TYPE}' WHEN i % 1000 = 0 THEN 'KEY_REVOKED' WHEN i % 10 < 6 THEN 'KEY_RENEWED' ELSE 'KEY_UPDATED' END,
       at, at,
       CASE WHEN i < 10 OR i > $1::int - 10 THEN '${RARE_KEY}' ELSE 'key_' || key END, 'realm_' || key % 3,
       CASE WHEN i < 10 OR i > $1::int - 10 THEN '${RARE_OWNER}' ELSE 'account_' || key % 1000 END,
       'SYSTEM', '{"changed": ["name"], "from": "before", "to": "after"}'
     FROM generate_series(1, $1::int) AS i, LATERAL (SELECT i::bigint * 7919 % 100000 AS key) AS keys,
       LATERAL (SELECT CASE WHEN i <= $1::int / 2 THEN $2::timestamptz ELSE $3::timestamptz END AS at) AS moments`,
    [count, old, clock.now()],
  );
  await client.query(`SET maintenance_work_mem = '512MB'`);
  // The definition of a partitioned table's index has ON ONLY, which would leave the partitions without an index.
  for (const { definition } of indexes) await client.query(definition.replace(' ON ONLY ', ' ON '));
  await client.query('VACUUM ANALYZE "Event"');
  await client.end();
}
