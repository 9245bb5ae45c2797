import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { BackupReader } from '../backup/read-backup.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { createLogger } from '../logging/logger.ts';
import { JournalFile } from '../revocations/journal-file.ts';
import { checkJournal } from '../revocations/reconcile.ts';
import { readSettings } from '../settings/settings.ts';
import { readDatabaseAddress } from '../store/connection.ts';
import { migrate } from '../store/migrate.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../store/migration.ts';
import { checkMayCreateTables, openSchema } from '../store/open-schema.ts';
import { openServerToWrite, openTaskClient } from '../store/open-server.ts';
import { findJournalPath } from './open-journal.ts';

/** What was restored from a backup. */
export interface RestoredBackup {
  readonly file: string;
  readonly createdAt: string;
  readonly position: string;
  readonly tableCount: number;
  readonly rowCount: number;
}

/** What the restore of a backup did. */
export interface RestoreResult {
  readonly restored: RestoredBackup;
  /** Whether the database is older than its journal of revocations, so that the gateway does not start. */
  readonly isOlderThanJournal: boolean;
}

/**
 * Restores a backup into the configured database, which must be empty, and migrates it to this version.
 *
 * Throws a SettingsError or a StoreError; then nothing was restored.
 */
export async function restore(
  env: NodeJS.ProcessEnv,
  path: string,
  write: (line: string) => void,
): Promise<RestoreResult> {
  const settings = readSettings(env);
  const log = createLogger({ level: 'warn', format: settings.logFormat, isTerminal: false, isColored: false, write });
  const { dataDir } = settings;
  const file = resolve(path);
  const reader = await BackupReader.open(file);
  try {
    const server = await openServerToWrite({ databaseUrl: settings.databaseUrl?.reveal() ?? null, dataDir, log });
    try {
      const { connectionString } = server;
      const restored = await restoreFile(connectionString, reader, file, log);
      return { restored, isOlderThanJournal: await isOlder(connectionString, findJournalPath(settings), log) };
    } finally {
      await server.stop();
    }
  } finally {
    reader.close();
  }
}

async function restoreFile(
  connectionString: string,
  reader: BackupReader,
  file: string,
  log: Logger,
): Promise<RestoredBackup> {
  const client = await openTaskClient(connectionString, log);
  try {
    const address = readDatabaseAddress(connectionString);
    await openSchema(client, address, log);
    await checkMayCreateTables(client, address);
    const rows = await restoreBackup(client, reader, readMigrations(MIGRATIONS_FOLDER), file);
    await client.query('ANALYZE');
    await migrate(connectionString, { log });
    const counts = Object.values(rows);
    const { createdAt, position } = reader.header;
    return {
      file,
      createdAt,
      position,
      tableCount: counts.length,
      rowCount: counts.reduce((sum, count) => sum + count, 0),
    };
  } finally {
    client.cut();
  }
}

async function isOlder(connectionString: string, journalPath: string, log: Logger): Promise<boolean> {
  const journal = await JournalFile.open(journalPath);
  const client = await openTaskClient(connectionString, log);
  try {
    return (await checkJournal(client, journal)) === 'OLDER';
  } finally {
    client.cut();
  }
}
