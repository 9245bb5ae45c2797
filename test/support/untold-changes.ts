import { createPgClient } from '../../src/store/connection.ts';

interface Watched {
  /** The query for the keys, or the realm, that a row is about. */
  readonly subject: (row: string) => string;
  readonly columns: readonly string[];
}

const column = (name: string) => (row: string) => `SELECT ${row}."${name}"`;

/** What a verification answers from, by table. */
const watched: Readonly<Record<string, Watched>> = {
  Key: {
    subject: column('id'),
    columns: [
      ...['name', 'realmId', 'accountId', 'organizationId', 'subjectId', 'scopes', 'expiresAt', 'expiryBasis'],
      ...['stopsAt', 'expiredAt', 'revokedAt', 'renewalDueAt', 'tokenRuleId', 'notBefore', 'allowedAddresses'],
      ...['warnings', 'brownouts'],
    ],
  },
  Secret: { subject: column('keyId'), columns: ['keyId', 'generation', 'digest', 'form', 'retiresAt', 'firstUsedAt'] },
  Label: { subject: column('keyId'), columns: ['name', 'value'] },
  Hold: { subject: column('keyId'), columns: ['source'] },
  // The state of a subject is in its keys: disabling it holds them, and removing it revokes them.
  Subject: {
    subject: (row) => `SELECT id FROM "Key" WHERE "subjectId" = ${row}.id`,
    columns: ['externalId'],
  },
  Realm: {
    subject: column('id'),
    columns: ['slug', 'foldsCase', 'secretPrefix', 'foreignPattern', 'foreignRandomBits'],
  },
  Action: { subject: column('realmId'), columns: ['name'] },
};

/** Whether a row has no twin among those that the same transaction wrote and removed: a hold that is replaced. */
const CHANGES = `
  SELECT xid, subject, kind, array_agg(DISTINCT what ORDER BY what) AS what FROM "Seen"
  GROUP BY xid, subject, kind, fields HAVING count(*) FILTER (WHERE what <> 'DELETE') <> count(*) FILTER (WHERE what = 'DELETE')`;

/** Plants triggers that note each change of what a verification answers from, with its transaction. */
export async function watchChanges(database: string): Promise<void> {
  const triggers = Object.entries(watched).map(([table, { subject, columns }]) => {
    const fields = (row: string) => `jsonb_build_array(${columns.map((name) => `${row}."${name}"`).join(', ')})`;
    const note = (row: string) =>
      `INSERT INTO "Seen" SELECT pg_current_xact_id()::text, '${table}', TG_OP, about.id, ${fields(row)}
       FROM (${subject(row)}) about(id)`;
    return `
      CREATE FUNCTION note_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'UPDATE' THEN IF ${fields('OLD')} IS NOT DISTINCT FROM ${fields('NEW')} THEN RETURN NULL; END IF; END IF;
        IF TG_OP = 'DELETE' THEN ${note('OLD')}; ELSE ${note('NEW')}; END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON "${table}" FOR EACH ROW EXECUTE FUNCTION note_${table}();`;
  });
  await run(
    database,
    `CREATE TABLE "Seen" (xid text, kind text, what text, subject text, fields jsonb); ${triggers.join('\n')}`,
  );
}

/** Returns the changes whose transaction neither recorded an event of the key or realm, nor noted the key quietly. */
export async function findUntoldChanges(database: string): Promise<readonly string[]> {
  const rows = await run(
    database,
    `SELECT kind || ' ' || array_to_string(what, '+') AS change FROM (${CHANGES}) changes
     WHERE NOT EXISTS (SELECT FROM "Event" e WHERE e.xmin::text = xid AND subject IN (e."keyId", e."realmId"))
       AND NOT EXISTS (SELECT FROM "QuietChange" q WHERE q.xmin::text = xid AND subject = ANY(q."keyIds"))`,
  );
  return rows.map(({ change }) => String(change));
}

/** Returns how many changes were seen, by table: a test that saw none proves nothing. */
export async function countChanges(database: string): Promise<Readonly<Record<string, number>>> {
  const rows = await run(database, `SELECT kind, count(*)::int AS count FROM (${CHANGES}) changes GROUP BY kind`);
  return Object.fromEntries(rows.map(({ kind, count }) => [String(kind), Number(count)]));
}

/** Returns the types of the events of the transactions that changed a table so, those of one transaction together. */
export async function findEventsOf(database: string, table: string, what: string): Promise<readonly string[][]> {
  const rows = await run(
    database,
    `SELECT DISTINCT (SELECT array_agg(DISTINCT type) FROM "Event" e
                      WHERE e.xmin::text = xid AND subject IN (e."keyId", e."realmId")) AS types
     FROM "Seen" WHERE kind = '${table}' AND what = '${what}'`,
  );
  return rows.map(({ types }) => (types ?? []) as string[]);
}

async function run(database: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = createPgClient(database);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
