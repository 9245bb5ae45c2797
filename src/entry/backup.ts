import packageJson from '../../package.json' with { type: 'json' };
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeBackupFile } from '../backup/backup-file.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { createLogger } from '../logging/logger.ts';
import { readSettings } from '../settings/settings.ts';
import { openServerToRead, openTaskClient } from '../store/open-server.ts';

/** What `keytide backup` did. */
export interface BackupResult {
  readonly file: string;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The moment of the snapshot. */
  readonly createdAt: string;
  /** The position of the newest event in it. */
  readonly position: string;
  readonly tableCount: number;
  readonly rowCount: number;
}

/**
 * Writes a backup of the configured database to a new file. The gateway may go on.
 *
 * Throws a SettingsError, a StoreError or a BackupFileError; then there is no file.
 */
export async function backUp(
  env: NodeJS.ProcessEnv,
  path: string,
  write: (line: string) => void,
): Promise<BackupResult> {
  const settings = readSettings(env);
  const log = createLogger({ level: 'warn', format: settings.logFormat, isTerminal: false, isColored: false, write });
  const { dataDir } = settings;
  const file = resolve(path);
  const server = await openServerToRead({ databaseUrl: settings.databaseUrl?.reveal() ?? null, dataDir, log });
  try {
    const client = await openTaskClient(server.connectionString, log);
    try {
      const { header, rows } = await writeBackupFile(file, (to) => writeBackup(client, packageJson.version, to));
      const counts = Object.values(rows);
      const rowCount = counts.reduce((sum, count) => sum + count, 0);
      const { createdAt, position } = header;
      return { file, size: statSync(file).size, createdAt, position, tableCount: counts.length, rowCount };
    } finally {
      client.cut(); // a statement may be running if the file failed
    }
  } finally {
    await server.stop();
  }
}
