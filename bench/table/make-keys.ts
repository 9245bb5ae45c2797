import { createPgClient } from '../../src/store/connection.ts';

/** How many organizations own the keys, and how many different scopes and labels they have. */
const OWNERS = 1_000;
const SCOPES = 500;
const TEAMS = 300;

/**
 * Creates keys in the realm `default`, each with a secret that was used, a name of its own and a label. Constraints are
 * not checked while the rows are written, and statistics are up to date afterwards.
 */
export async function makeKeys(connectionString: string, count: number): Promise<void> {
  const client = createPgClient(connectionString);
  await client.connect();
  // Ids are in the order of their creation, and end randomly.
  const id = (kind: string, number: string) =>
    `'${kind}_0' || lpad(to_hex(${number}), 9, '0') || left(md5('${kind}' || ${number}), 16)`;
  await client.query(`SET session_replication_role = replica; SET synchronous_commit = off`);
  await client.query(
    `INSERT INTO "Organization" (id, name, "createdAt")
     SELECT ${id('organization', 'i')}, 'Team ' || i, now() FROM generate_series(0, ${OWNERS - 1}) i`,
  );
  await client.query(
    `INSERT INTO "Key" (id, "realmId", "organizationId", name, scopes, "createdAt", "grantedAt", "activeAt", "lastUsedAt",
       "expiresAt", "expiryBasis", "stopsAt", "stopsBasis", "renewalDueAt")
     SELECT ${id('key', 'i')}, r.id, ${id('organization', `i % ${OWNERS}`)}, 'release-key-' || i,
       jsonb_build_array(jsonb_build_object('action', 'package:push', 'resource', 'Acme.Team' || i % ${SCOPES} || '.**')),
       now(), now(), now(), now(), now() + '90 days', 'HARD', now() + '90 days', 'HARD', now() + '60 days'
     FROM "Realm" r, generate_series(1, $1::int) i WHERE r.slug = 'default'`,
    [count],
  );
  await client.query(
    `INSERT INTO "Secret" (id, "keyId", generation, digest, start, "createdAt", "firstUsedAt", "lastUsedAt")
     SELECT ${id('secret', 'i')}, ${id('key', 'i')}, 1, sha256(convert_to('kt_bench' || i, 'UTF8')), 'kt_bench', now(), now(), now()
     FROM generate_series(1, $1::int) i`,
    [count],
  );
  await client.query(
    `INSERT INTO "Label" ("keyId", name, value) SELECT ${id('key', 'i')}, 'team', 'team-' || i % ${TEAMS}
     FROM generate_series(1, $1::int) i`,
    [count],
  );
  for (const table of ['Organization', 'Key', 'Secret', 'Label']) await client.query(`VACUUM ANALYZE "${table}"`);
  await client.end();
}
