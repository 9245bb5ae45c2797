import { DAY_MS, HOUR_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import type { Core } from '../store/core.ts';
import type { RetentionByTable, RetentionRule } from '../store/retention-rule.ts';

/** How often it is written that a verifier sends no address. */
const WRITE_INTERVAL_MS = HOUR_MS;

/** For how long a verifier that sent no address counts as one that sends none. */
export const ADDRESSLESS_MS = 30 * DAY_MS;

/**
 * Records which verifiers send no address of their clients, so that a manager who limits a key to addresses is warned. Noted in
 * memory, and written at most once an hour for each verifier and realm; a verification never waits for it.
 */
export class AddresslessVerifiers {
  readonly #core: Pick<Core, 'prisma'>;
  readonly #onFailure: (error: unknown) => void;
  /** When each verifier was written last, by realm. */
  readonly #writtenAtMs = new Map<string, Map<string, number>>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(core: Pick<Core, 'prisma'>, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  note(realmId: string, verifierId: string, at: Date): void {
    let verifiers = this.#writtenAtMs.get(realmId);
    if (verifiers === undefined) this.#writtenAtMs.set(realmId, (verifiers = new Map()));
    if (at.getTime() - (verifiers.get(verifierId) ?? Number.NEGATIVE_INFINITY) < WRITE_INTERVAL_MS) return;
    verifiers.set(verifierId, at.getTime());
    this.#writing = this.#write(realmId, verifierId, at).catch((error: unknown) => {
      verifiers.delete(verifierId);
      this.#onFailure(error);
    });
  }

  /** Resolves when what was noted last is written, or has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(realmId: string, verifierId: string, at: Date): Promise<void> {
    await this.#core.prisma.$executeRaw`
      INSERT INTO "AddresslessVerifier" ("realmId", "verifierId", at) VALUES (${realmId}, ${verifierId}, ${at})
      ON CONFLICT ("realmId", "verifierId") DO UPDATE SET at = greatest("AddresslessVerifier".at, excluded.at)`;
  }
}

/** Returns when a verifier of a realm last sent no address, within the last 30 days; null: all sent one. */
export async function findAddresslessVerifier(
  { prisma }: Pick<Core, 'prisma'>,
  realmId: string,
  now: Date,
): Promise<{ readonly verifierId: string; readonly at: Date } | null> {
  return prisma.addresslessVerifier.findFirst({
    where: { realmId, at: { gt: addMs(now, -ADDRESSLESS_MS) } },
    orderBy: { at: 'desc' },
    select: { verifierId: true, at: true },
  });
}

export const addresslessRule: RetentionRule = {
  rows: 'all',
  retentionMs: ADDRESSLESS_MS,
  from: 'the last verification without an address',
  why: 'Who limits a key to addresses is warned of verifiers that send none.',
  remove: async (tx, before, limit) =>
    (await tx.addresslessVerifier.deleteMany({ where: { at: { lte: before } }, limit })).count,
};

export const addresslessRetention = { AddresslessVerifier: [addresslessRule] } satisfies RetentionByTable;
