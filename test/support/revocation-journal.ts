import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { backUp } from '../../src/entry/backup.ts';
import { restore } from '../../src/entry/restore.ts';
import { JournalFile } from '../../src/revocations/journal-file.ts';
import type { JournalParts } from '../../src/revocations/journal-writer.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { readDatabaseHistory } from '../../src/store/database-history.ts';
import { HistoryGuard } from '../../src/store/history-guard.ts';
import type { ManualClock } from './clock.ts';
import { emptyDatabase } from './database.ts';
import { sealingKey } from './first-node.ts';
import { openGateway, type Gateway } from './gateway.ts';
import { mutationQuery } from './mutation-query.ts';
import { VERIFY_KEY } from './operations.ts';
import { scratchFolder } from './scratch-folder.ts';

/** A new path for a journal. */
export function journalPath(): string {
  return join(scratchFolder(), 'revocations');
}

/** The journal of a database, for a gateway that writes it. */
export async function openTestJournal(database: string, path: string): Promise<JournalParts> {
  const client = createPgClient(database);
  await client.connect();
  const { lineages } = await readDatabaseHistory(client).finally(() => client.end());
  const file = await JournalFile.open(path);
  onTestFinished(() => file.close());
  return { file, lineage: lineages[0]!, guard: new HistoryGuard() };
}

/** A gateway that writes a journal. */
export async function openJournaled(database: string, path: string, clock?: ManualClock): Promise<Gateway> {
  const journal = await openTestJournal(database, path);
  return await openGateway({ database, journal, ...(clock && { clock }) });
}

/** The settings of a gateway on a database that a test's gateway has filled. */
export const settingsOf = (database: string) => ({
  DATABASE_URL: database,
  KEYTIDE_SEALING_KEY: Buffer.from(sealingKey).toString('base64'),
  KEYTIDE_DATA_DIR: scratchFolder(),
});

/** Runs a mutation as the administrator, which must succeed. */
export async function perform(gateway: Gateway, mutation: string, input: object, selection: string): Promise<any> {
  const { data, errors } = await gateway.ask(mutationQuery(mutation, selection), { input }, await gateway.admin());
  const answer = data?.[mutation];
  if (errors !== undefined || answer.code !== undefined)
    throw new Error(`${mutation}: ${JSON.stringify(errors ?? answer)}`);
  return answer;
}

export async function issue(gateway: Gateway, name: string): Promise<{ id: string; secret: string }> {
  const scopes = ['push', 'unlist'].map((verb) => ({ action: `package:${verb}`, resource: '**' }));
  const { key, secret } = await perform(gateway, 'issueKey', { realm: 'default', name, scopes }, 'key { id } secret');
  return { id: key.id, secret };
}

/** Returns the outcome of a verification, or the code of the error. */
export async function verify(gateway: Gateway, secret: string, credential?: string): Promise<string> {
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  const { data, errors } = await gateway.ask(VERIFY_KEY, { input }, credential ?? (await gateway.admin()));
  return data?.['verifyKey']?.outcome ?? errors?.[0]?.extensions['code'];
}

export async function backUpTo(database: string): Promise<string> {
  const path = join(scratchFolder(), 'backup');
  await backUp(settingsOf(database), path, () => undefined);
  return path;
}

/** Restores a backup into a new database, without its journal. */
export async function restoreFrom(path: string): Promise<string> {
  const database = await emptyDatabase();
  await restore(settingsOf(database), path, () => undefined);
  return database;
}
