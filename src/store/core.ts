import type { PrismaClient } from '../../prisma/generated/client/client.ts';
import type { EventDraft } from '../domain/event-detail.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { Sealer } from './sealing.ts';

/** What every use case depends on. */
export interface Core {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealer: Sealer;
  /**
   * Called when a transaction has ended, before its caller gets a response: with what it changed, also if it is unknown
   * whether it has committed.
   */
  readonly onCommit?: (events: readonly EventDraft[], quietKeyIds: ReadonlySet<string>) => void;
  /** Receives the error of a post-commit task that failed. */
  readonly onPostCommitError?: (error: unknown) => void;
  /** The journal of revocations. Undefined: this process keeps none. */
  readonly revocationJournal?: { waitUntilWritten(position: bigint): Promise<void> } | undefined;
}

/** The Prisma client inside a transaction. */
export type Transaction = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$use' | '$extends' | '$transaction'>;
