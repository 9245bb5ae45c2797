import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type OpenDatabase } from '../../src/entry/open-database.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { systemRandom } from '../../src/store/random.ts';
import { emptyDatabase, startedDatabase } from '../support/database.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import {
  backUpTo,
  issue,
  journalPath,
  perform,
  restoreFrom,
  settingsOf,
  verify,
} from '../support/revocation-journal.ts';

interface Node {
  readonly gateway: Gateway;
  readonly opened: OpenDatabase;
  readonly logged: string[];
}

/** A gateway on its database as `npm start` opens it. */
async function openNode(database: string, path: string): Promise<Node> {
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const logger = createLogger({ level: 'info', format: 'json', isTerminal: false, isColored: false, write });
  const settings = readSettings({ ...settingsOf(database), KEYTIDE_REVOCATION_JOURNAL: path });
  const opened = await openDatabase(settings, logger, systemRandom);
  onTestFinished(() => opened.close());
  const { store, sealer, journal } = opened;
  return { gateway: await openGateway({ database, store, sealer, journal }), opened, logged };
}

async function connectTo(url: string, name?: string): Promise<Client> {
  const address = new URL(url);
  if (name !== undefined) address.pathname = `/${name}`;
  const client = createPgClient(address.href);
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

/** Puts another database in the place of one, as an operator would who restores it under a running node. */
async function replaceDatabase(database: string, copy: string): Promise<void> {
  const [name, other] = [database, copy].map((url) => new URL(url).pathname.slice(1));
  const operator = await connectTo(database, 'postgres');
  // A database that admits nobody can be renamed.
  await operator.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
  await operator.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = ANY($1)', [
    [name, other],
  ]);
  await operator.query(`ALTER DATABASE "${name}" RENAME TO "${name}_lost"`);
  await operator.query(`ALTER DATABASE "${other}" RENAME TO "${name}"`);
}

async function readiness({ gateway }: Node): Promise<[number, string]> {
  const ready = await fetch(`${gateway.url}/readyz`);
  return [ready.status, ((await ready.json()) as any).checks.database.message];
}

test('replaced database: a running node does not serve a copy that lacks what its journal has', async () => {
  const database = await startedDatabase();
  const node = await openNode(database, journalPath());
  const { gateway } = node;
  const [good, revoked] = [await issue(gateway, 'good'), await issue(gateway, 'revoked')];
  const administrator = await gateway.admin();
  const copy = await restoreFrom(await backUpTo(database));
  await perform(gateway, 'revokeKey', { keyId: revoked.id, reason: 'lost' }, 'key { id }');
  // The copy served elsewhere: it has an event at the position of the revocation, but another one.
  const elsewhere = await openGateway({ database: copy, clock: gateway.clock });
  for (let count = 0; count < 3; count += 1) await issue(elsewhere, 'elsewhere');
  await elsewhere.stop();
  await replaceDatabase(database, copy);
  const seen = new Set<string>();
  for (let round = 0; round < 10; round += 1)
    for (const { secret } of [revoked, good]) seen.add(await verify(gateway, secret, administrator));
  expect([...seen]).toEqual(['UNAVAILABLE']);
  await expect
    .poll(() => readiness(node))
    .toEqual([
      503,
      expect.stringMatching(
        /^Database: found a history that ends at event \d+; expected one that has event \d+ of this .*--reconcile$/,
      ),
    ]);
  expect(node.logged.filter((line) => line.includes('database refused: Database: found a history'))).toHaveLength(1);
});

test('replaced database: sessions that another sealing key sealed are found at the next connection', async () => {
  const database = await startedDatabase();
  const node = await openNode(database, journalPath());
  const { gateway, opened } = node;
  const { secret } = await issue(gateway, 'one');
  const administrator = await gateway.admin();
  expect(await verify(gateway, secret, administrator)).toBe('VALID');
  const operator = await connectTo(database);
  const { rowCount } = await operator.query(
    `UPDATE "SigningKey" SET "sealedPrivate" = overlay("sealedPrivate" PLACING '\\x01020304'::bytea FROM 2 FOR 4)`,
  );
  expect(rowCount).toBeGreaterThan(0);
  // The clock asks each 10 s; each connection is asked too.
  await expect(opened.store.readDatabaseTime()).rejects.toThrow(
    /^Database: found what was sealed under the key with id/,
  );
  expect(await readiness(node)).toEqual([
    503,
    expect.stringMatching(
      /^Database: found what was sealed under the key with id 01020304; expected the sealing key of/,
    ),
  ]);
  await operator.query(
    `UPDATE "SigningKey" SET "sealedPrivate" = overlay("sealedPrivate" PLACING decode($1, 'hex') FROM 2 FOR 4)`,
    [opened.sealer.keyId],
  );
  await expect.poll(() => verify(gateway, secret, administrator)).toBe('VALID');
  await expect.poll(async () => (await readiness(node))[0]).toBe(200);
});

test('replaced database: it is refused at start while it is older than its journal', async () => {
  const database = await startedDatabase();
  const path = journalPath();
  const node = await openNode(database, path);
  const { id } = await issue(node.gateway, 'one');
  const copy = await restoreFrom(await backUpTo(database));
  await perform(node.gateway, 'revokeKey', { keyId: id, reason: 'lost' }, 'key { id }');
  await expect(openNode(copy, path)).rejects.toThrow(
    /^Database: found one that is older than the journal of revocations .*Run: keytide restore --reconcile$/,
  );
  // A database of its own has nothing to do with the journal.
  await openNode(await emptyDatabase(), path);
});
