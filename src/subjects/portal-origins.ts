import type { Core } from '../store/core.ts';

/** How long a node answers from what it has read. Its own changes count at once. */
const MAX_AGE_MS = 1_000;

/**
 * The origins of all realms together. A preflight names no token, so that it is answered for all of them; which realm's pages may
 * send a token is checked with the token.
 */
export class PortalOrigins {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  #known: ReadonlySet<string> = new Set();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  /** Increases with each `forget`: a read that it has overtaken does not count. */
  #generation = 0;

  constructor(core: Pick<Core, 'prisma' | 'clock'>) {
    this.#core = core;
  }

  /** Whether it is an origin of any realm. */
  async has(origin: string): Promise<boolean> {
    if (this.#core.clock.now().getTime() - this.#readAtMs < MAX_AGE_MS) return this.#known.has(origin);
    const generation = this.#generation;
    await (this.#reading ??= this.#read());
    return generation === this.#generation ? this.#known.has(origin) : this.has(origin);
  }

  /** Whether it was one when the origins were last read. */
  hasKnown(origin: string): boolean {
    return this.#known.has(origin);
  }

  /** Makes the next question read the origins again. */
  forget(): void {
    this.#generation += 1;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    this.#reading = null;
  }

  async #read(): Promise<void> {
    const { prisma, clock } = this.#core;
    const readAtMs = clock.now().getTime();
    const generation = this.#generation;
    try {
      const rows = await prisma.$queryRaw<{ readonly origin: string }[]>`
        SELECT DISTINCT unnest("portalOrigins") AS origin FROM "Realm"`;
      if (generation !== this.#generation) return;
      this.#known = new Set(rows.map(({ origin }) => origin));
      this.#readAtMs = readAtMs;
    } catch {
      // The database cannot be reached: the last answer counts until it can.
    } finally {
      if (generation === this.#generation) this.#reading = null;
    }
  }
}
