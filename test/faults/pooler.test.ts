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
import { openFaultyLine } from './line.ts';

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

test.for(['transaction', 'statement'] as const)(
  'pooler: a node that finds PgBouncer in %s mode at a reconnect is not ready, says why, and recovers behind one in session mode',
  { timeout: 120_000 },
  async (mode) => {
    const database = await startedDatabase();
    const portOf = (url: string) => ({ host: '127.0.0.1', port: Number(new URL(url).port) });
    const keepsSessions = portOf(await startPgBouncer(database, 'session', ['default_pool_size = 60']));
    const sharesSessions = portOf(await startPgBouncer(database, mode));
    let target = keepsSessions;
    const line = await openFaultyLine({ to: () => target });
    const lead = (place: typeof target) => {
      line.cut();
      target = place;
      line.mend();
    };
    const { pathname } = new URL(database);
    const gateway = await openGateway({
      database: `postgresql://keytide@127.0.0.1:${line.port}${pathname}?sslmode=disable`,
    });
    const token = await gateway.admin();
    const { secret } = await issue(gateway, token);
    const verify = async () => {
      const { data, errors } = await gateway.ask(VERIFY_KEY, { input: { secret } }, token);
      return data?.['verifyKey']?.outcome ?? errors?.[0]?.extensions['code'];
    };
    const readiness = async () => (await fetch(`${gateway.url}/readyz`)).text();
    expect(await verify()).toBe('VALID');

    lead(sharesSessions);
    await expect.poll(verify).toBe('UNAVAILABLE');
    await expect.poll(readiness).toContain('found a connection pooler that gives one server session to several');

    lead(keepsSessions);
    await expect.poll(verify).toBe('VALID');
    await expect.poll(readiness).not.toContain('pooler');
  },
);
