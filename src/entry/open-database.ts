import type { Logger } from 'pino';
import type { Settings } from '../settings/settings.ts';
import { startDatabaseClock, type DatabaseClock } from '../store/database-clock.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { openStore, type Store } from '../store/prisma.ts';
import type { Random } from '../store/random.ts';
import { Sealer } from '../store/sealing.ts';
import { loadSealingKey } from '../store/sealing-key.ts';

/** An open database, with the clock and the sealer that depend on it. */
export interface OpenDatabase {
  readonly store: Store;
  readonly clock: DatabaseClock;
  readonly sealer: Sealer;
  /** Describes the database for operators. */
  readonly place: string;
  close(): Promise<void>;
}

/**
 * Opens the configured database, embedded or external, migrates it, and starts the clock that follows it. If it throws
 * a StoreError or a SealingKeyError, nothing is left open.
 */
export async function openDatabase(settings: Settings, logger: Logger, random: Random): Promise<OpenDatabase> {
  const stops: (() => unknown)[] = [];
  const close = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const given = settings.databaseUrl?.reveal();
    const embedded = given === undefined ? await startEmbedded({ folder: settings.dataDir, log: logger }) : null;
    if (embedded !== null) stops.push(() => embedded.stop());
    const connection = given ?? embedded?.connectionString ?? '';
    const sealer = new Sealer(settings.sealingKey?.reveal() ?? loadSealingKey(settings.dataDir, random), random);
    await migrate(connection, { log: logger });

    const store = openStore(connection, { poolSize: settings.databasePool, log: logger });
    stops.push(() => store.close());
    const clock = await startDatabaseClock({ readDatabaseTime: () => store.readDatabaseTime(), log: logger });
    stops.push(() => clock.stop());
    const place = embedded === null ? 'PostgreSQL of DATABASE_URL' : `embedded PostgreSQL in ${settings.dataDir}`;
    return { store, clock, sealer, place, close };
  } catch (error) {
    await close();
    throw error;
  }
}
