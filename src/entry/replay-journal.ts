import { existsSync } from 'node:fs';
import { createLogger } from '../logging/logger.ts';
import { reconcile, type ReconcileResult } from '../revocations/reconcile.ts';
import { readSettings } from '../settings/settings.ts';
import { systemRandom } from '../store/random.ts';
import { StoreError } from '../store/store-error.ts';
import { openDatabase } from './open-database.ts';
import { findJournalPath } from './open-journal.ts';

/** Throws a StoreError if the configured journal of revocations does not exist. */
export function requireJournal(env: NodeJS.ProcessEnv): void {
  const path = findJournalPath(readSettings(env));
  if (existsSync(path)) return;
  throw new StoreError(
    `Journal of revocations ${path}: found no file; expected the journal of the lost database: restore it from a copy, or name it in KEYTIDE_REVOCATION_JOURNAL. Nothing was restored.`,
  );
}

/**
 * Replays the journal of revocations on the configured database, whose nodes must be stopped. An interrupted replay is
 * continued by the next one.
 *
 * Throws a SettingsError or a StoreError.
 */
export async function replayJournal(env: NodeJS.ProcessEnv, write: (line: string) => void): Promise<ReconcileResult> {
  requireJournal(env);
  const settings = readSettings(env);
  const log = createLogger({ level: 'warn', format: settings.logFormat, isTerminal: false, isColored: false, write });
  const random = systemRandom;
  const options = { acceptsOtherSeals: true, acceptsOlder: true };
  const { store, clock, sealer, journal, close } = await openDatabase(settings, log, random, options);
  try {
    const client = store.openClient();
    await client.connect();
    try {
      return await reconcile({ core: { prisma: store.prisma, clock, random, sealer }, client, journal: journal.file });
    } finally {
      await client.end();
    }
  } finally {
    await close();
  }
}
