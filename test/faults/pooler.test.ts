import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptyDatabase, startedDatabase } from '../support/database.ts';
import { refusedGateway, startGateway } from '../support/gateway-process.ts';
import { openGateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { startPgBouncer } from '../support/pooler.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runSql } from '../support/standby.ts';

const settingsFor = (database: string) => ({
  DATABASE_URL: database,
  KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
});

test.for([
  ['transaction', 'transaction', []],
  ['transaction, least used session first', 'transaction', ['server_round_robin = 1', 'min_pool_size = 5']],
  ['statement', 'statement', []],
] as const)(
  'pooler: PgBouncer in %s mode is refused in one sentence, and nothing is migrated',
  { timeout: 120_000 },
  async ([, mode, more]) => {
    const database = await emptyDatabase();
    const pooled = await startPgBouncer(database, mode, more);
    const refused = await refusedGateway(scratchFolder(), settingsFor(pooled));
    expect(refused.stderr).toMatch(
      /^keytide: Database: found a connection pooler that gives one server session [^\n]+\n$/,
    );
    expect([refused.status, refused.stdout]).toEqual([69, '']);
    expect(await runSql(database, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  },
);

test(
  'pooler: through PgBouncer in session mode two nodes start, and one hears of what the other changed',
  { timeout: 120_000 },
  async () => {
    const settings = settingsFor(await startPgBouncer(await emptyDatabase(), 'session', ['default_pool_size = 60']));
    const nodes = await Promise.all([1, 2].map(() => startGateway(scratchFolder(), settings)));
    for (const { url } of nodes) expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const database = await startPgBouncer(await startedDatabase(), 'session', ['default_pool_size = 60']);
    const [gateway, other] = [await openGateway({ database }), await openGateway({ database })];
    const token = await gateway.admin();
    const { secret } = await issue(gateway, token);
    expect((await other.ask(VERIFY_KEY, { input: { secret } }, token)).data['verifyKey'].outcome).toBe('VALID');
    const head = gateway.services.follower.head;
    await expect.poll(() => other.services.follower.head).toBeGreaterThanOrEqual(head);
  },
);
