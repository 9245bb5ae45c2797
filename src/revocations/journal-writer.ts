import type { Event } from '../../prisma/generated/client/client.ts';
import { isJournaledType, journaledTypes } from '../domain/journaled-event.ts';
import type { Follower } from '../log/follower.ts';
import { readBounds } from '../log/head.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import type { Lineage } from '../store/database-history.ts';
import type { HistoryGuard } from '../store/history-guard.ts';
import { createEventEntry, type CheckpointEntry, type EventEntry } from './journal-entry.ts';
import type { JournalFile } from './journal-file.ts';
import { readKeySnapshots } from './key-snapshot.ts';
import { openHistory } from './open-history.ts';

/** Number of events in one read. */
const PAGE_SIZE = 500;

/** After how many positions without an event of its kinds the journal says how far it is. */
export const CHECKPOINT_EVERY = 1_000n;

/** How long a change waits for its entry, in ms. It is committed by then, so it stands. */
const WAIT_MS = 5_000;

/** Delay before a failed write is repeated, in ms. */
const RETRY_MS = 1_000;

/** A journal of a database. */
export interface JournalParts {
  readonly file: JournalFile;
  /** The present history of the database. */
  readonly lineage: Lineage;
  /** Knows which event of the journal the database must have. */
  readonly guard: HistoryGuard;
}

export interface JournalWriterOptions extends JournalParts {
  readonly follower: Follower;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes what every node revokes, holds or retires to this node's journal. It follows the log by position, so what a
 * killed node has not written is written at the next start. A revocation is acknowledged when it is on the disk of the
 * journal; if the journal fails, the revocation stands, and the entry is written later.
 */
export class JournalWriter {
  readonly #core: Pick<Core, 'prisma'>;
  readonly #options: JournalWriterOptions;
  /** The journal has all events of its kinds up to here. Null: it has not begun. */
  #position: bigint | null = null;
  #target = 0n;
  #running: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;
  #unwatch: Cancel | null = null;
  #retry: NodeJS.Timeout | null = null;
  readonly #waiting = new Set<{ readonly position: bigint; resolve(): void }>();

  constructor(core: Pick<Core, 'prisma'>, options: JournalWriterOptions) {
    this.#core = core;
    this.#options = options;
  }

  /** Whether the last write failed, or takes too long. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * Writes what the log has and the journal lacks, then follows the log. A full disk does not keep the node from starting.
   *
   * Throws a StoreError if the file cannot be opened.
   */
  async start(): Promise<void> {
    await this.#options.file.openToAppend();
    const { head } = await readBounds(this.#core);
    this.#unwatch = this.#options.follower.watch((events) => this.#notice(events));
    this.#writeSoon(head);
    await this.#running;
  }

  /** Resolves when the journal has the events up to a committed position; also when it is failing, or after 5 s. */
  async waitUntilWritten(position: bigint): Promise<void> {
    if ((this.#position ?? -1n) >= position || this.#isStopped) return;
    this.#writeSoon(position);
    if (this.#isFailing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { position, resolve };
    this.#waiting.add(waiting);
    const timer = setTimeout(() => this.#fail(new Error(`not written within ${WAIT_MS} ms`)), WAIT_MS);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    });
  }

  /** Writes what is in the log by now, and stops. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    this.#isStopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#running;
    try {
      const { head } = await readBounds(this.#core);
      await this.#writeTo(head);
      if (head > this.#writtenTo()) await this.#options.file.append([this.#checkpoint(head)]);
    } catch (error) {
      this.#options.onFailure(error);
    }
    await this.#options.file.close();
  }

  #notice(events: readonly Event[]): void {
    const { head } = this.#options.follower;
    const isBehind = head - (this.#position ?? 0n) >= CHECKPOINT_EVERY;
    if (isBehind || events.some(({ type }) => isJournaledType(type))) this.#writeSoon(head);
  }

  #writeSoon(position: bigint): void {
    if (position > this.#target) this.#target = position;
    if (this.#retry === null && !this.#isStopped) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      do await this.#writeTo(this.#target);
      while ((this.#position ?? 0n) < this.#target);
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
      if (this.#isStopped) return;
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#writeSoon(0n);
      }, RETRY_MS).unref();
    } finally {
      this.#running = null;
    }
  }

  /** Lets the changes that wait be answered: they are committed. */
  #fail(error: unknown): void {
    this.#isFailing = true;
    this.#options.onFailure(error);
    for (const waiting of this.#waiting) waiting.resolve();
  }

  /** Writes the events of its kinds up to a position that is committed. */
  async #writeTo(head: bigint): Promise<void> {
    const { file, lineage } = this.#options;
    let position = (this.#position ??= await openHistory(this.#core, this.#options));
    while (position < head) {
      const events = await this.#core.prisma.event.findMany({
        where: { type: { in: [...journaledTypes] }, position: { gt: position, lte: head } },
        orderBy: { position: 'asc' },
        take: PAGE_SIZE,
      });
      const ids = events.flatMap(({ keyId }) => keyId ?? []);
      const keys = await readKeySnapshots(this.#core, ids);
      const entries = events.map((event) => createEventEntry(lineage.id, event, keys.get(event.keyId ?? '') ?? null));
      position = events.length < PAGE_SIZE ? head : (events.at(-1)?.position ?? head);
      if (entries.length > 0) await this.#appendEvents(entries);
      else if (position - this.#writtenTo() >= CHECKPOINT_EVERY) await file.append([this.#checkpoint(position)]);
      this.#position = position;
      for (const waiting of this.#waiting) if (waiting.position <= position) waiting.resolve();
    }
  }

  async #appendEvents(entries: readonly EventEntry[]): Promise<void> {
    const { file, lineage, guard } = this.#options;
    await file.append(entries);
    guard.observe(lineage.id, file.histories.get(lineage.id)?.last ?? null);
  }

  /** Up to where the file says that it has all events. */
  #writtenTo(): bigint {
    const { file, lineage } = this.#options;
    return file.histories.get(lineage.id)?.position ?? 0n;
  }

  #checkpoint(position: bigint): CheckpointEntry {
    return { lineage: this.#options.lineage.id, position: String(position) };
  }
}
