import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import type { JournalParts } from '../revocations/journal-writer.ts';
import type { Settings } from '../settings/settings.ts';
import { startDatabaseClock, type DatabaseClock } from '../store/database-clock.ts';
import { HistoryGuard } from '../store/history-guard.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { openStore, type Store } from '../store/prisma.ts';
import type { Random } from '../store/random.ts';
import { Sealer } from '../store/sealing.ts';
import { checkSealed, checkSignedUnder, findSealedKeyIds } from '../store/sealed-rows.ts';
import { hasSealingKey, loadSealingKey, missingSealingKey } from '../store/sealing-key.ts';
import { openJournal } from './open-journal.ts';

/** An open database, with the clock and the sealer that depend on it. */
export interface OpenDatabase {
  readonly store: Store;
  readonly clock: DatabaseClock;
  readonly sealer: Sealer;
  /** The journal of revocations, which only a node appends to, and the guard that knows how far it is. */
  readonly journal: JournalParts;
  /** What the database is and where, for messages to operators, such as `embedded PostgreSQL in .keytide`. */
  readonly place: string;
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** Whether rows that were sealed under another key are accepted: `keytide reseal` removes them. Default false. */
  readonly acceptsOtherSeals?: boolean;
  /** Whether a database that is older than its journal is accepted: `keytide restore` replays it. Default false. */
  readonly acceptsOlder?: boolean;
}

/**
 * Opens the configured database, embedded or external, migrates it, and starts the clock that follows it. If it throws
 * a StoreError or a SealingKeyError, nothing is left open.
 *
 * Throws a SealingKeyError if the database holds values that were sealed under another key, and a StoreError if it is older
 * than its journal of revocations.
 */
export async function openDatabase(
  settings: Settings,
  logger: Logger,
  random: Random,
  { acceptsOtherSeals = false, acceptsOlder = false }: OpenDatabaseOptions = {},
): Promise<OpenDatabase> {
  const stops: (() => unknown)[] = [];
  const close = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const given = settings.databaseUrl?.reveal();
    const embedded = given === undefined ? await startEmbedded({ folder: settings.dataDir, log: logger }) : null;
    if (embedded !== null) stops.push(() => embedded.stop());
    const connection = given ?? embedded?.connectionString ?? '';
    await migrate(connection, { log: logger });

    const guard = new HistoryGuard();
    const checks: ((client: ClientBase) => Promise<void>)[] = [(client) => guard.check(client)];
    const checkContent = async (client: ClientBase) => {
      for (const check of checks) await check(client);
    };
    const store = openStore(connection, { poolSize: settings.databasePool, log: logger, checkContent });
    stops.push(() => store.close());
    const journal = await openJournal(store, settings, guard, acceptsOlder);
    stops.push(() => journal.file.close());
    const sealedKeyIds = acceptsOtherSeals ? [] : await findSealedKeyIds(store);
    if (settings.sealingKey === null && sealedKeyIds.length > 0 && !hasSealingKey(settings.dataDir))
      throw missingSealingKey(settings.dataDir); // a new sealing key could not open them
    const sealer = new Sealer(settings.sealingKey?.reveal() ?? loadSealingKey(settings.dataDir, random), random);
    checkSealed(sealer, sealedKeyIds);
    if (!acceptsOtherSeals) checks.push((client) => checkSignedUnder(client, sealer));
    const clock = await startDatabaseClock({ readDatabaseTime: () => store.readDatabaseTime(), log: logger });
    stops.push(() => clock.stop());
    const place = embedded === null ? 'PostgreSQL of DATABASE_URL' : `embedded PostgreSQL in ${settings.dataDir}`;
    return { store, clock, sealer, journal, place, close };
  } catch (error) {
    await close();
    throw error;
  }
}
