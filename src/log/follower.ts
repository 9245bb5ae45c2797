import type { Client } from 'pg';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { LOG_CHANNEL } from './append.ts';
import { Listener } from './listener.ts';

/** How many events one read takes. */
const PAGE = 500;

/** How many of the newest events are kept in memory, for all readers that keep up. */
const TAIL = 2_000;

/** The net under the notifications: how often the log is read without one. */
const POLL_MS = 1_000;

/** What the follower needs of the store. */
export interface FollowerOptions {
  /** A connection of its own, for LISTEN. */
  readonly connect: () => Promise<Client>;
  /** Told of each failure; the follower goes on by itself. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Follows the log for one node: woken by NOTIFY, read by position, so that a lost connection or notification leaves no
 * gap. The newest events stay in memory; readers that are further behind read the database.
 */
export class Follower {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #listener: Listener;
  readonly #onFailure: (error: unknown) => void;
  #poll: Cancel | null = null;
  #tail: readonly Event[] = [];
  #head = 0n;
  #reading: Promise<void> | null = null;
  #mustReadAgain = false;
  #isStopped = true;
  #readAt: Date | null = null;
  readonly #waiting = new Set<() => void>();
  readonly #watchers = new Set<(events: readonly Event[]) => void>();

  constructor(core: Pick<Core, 'prisma' | 'clock'>, { connect, onFailure }: FollowerOptions) {
    this.#core = core;
    this.#onFailure = onFailure;
    this.#listener = new Listener({
      clock: core.clock,
      channel: LOG_CHANNEL,
      connect,
      onNotified: () => void this.catchUp().catch(onFailure),
      onFailure,
    });
  }

  /** Starts from the log's present end. Rejects when the database cannot be reached. */
  async start(): Promise<void> {
    // The head first: what is notified of before it is known would be read from the log's beginning.
    this.#head = await readHead(this.#core);
    this.#isStopped = false;
    await this.#listener.start();
    await this.catchUp();
    this.#schedulePoll();
  }

  /** Lets go whoever waits; streams end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#poll?.();
    for (const wake of this.#waiting) wake();
    await this.#listener.stop();
    await this.#reading?.catch(() => undefined);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The position of the newest event that this node knows of. */
  get head(): bigint {
    return this.#head;
  }

  /** How long ago all was known that had committed until then, in ms. */
  lagMs(): number {
    if (this.#readAt === null) return Number.POSITIVE_INFINITY;
    return this.#core.clock.now().getTime() - this.#readAt.getTime();
  }

  /** The events after a position, oldest first, at most a page of them. */
  async read(after: bigint): Promise<readonly Event[]> {
    if (after >= this.#head) return [];
    const oldest = this.#tail[0];
    if (oldest === undefined || after < oldest.position - 1n) return this.#readPage(after);
    const start = this.#tail.findLastIndex(({ position }) => position <= after) + 1;
    return this.#tail.slice(start, start + PAGE);
  }

  /** Resolves when the log has grown beyond a position, or the signal or the follower has ended. */
  async grownBeyond(position: bigint, signal: AbortSignal): Promise<void> {
    if (this.#head > position || signal.aborted || this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  /** Tells of each batch of events as it arrives, until the returned function is called. */
  watch(watcher: (events: readonly Event[]) => void): Cancel {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * Reads up to the log's present end. Resolves when this node knows all that had committed before the call; rejects when
   * the database cannot be reached.
   */
  catchUp(): Promise<void> {
    this.#mustReadAgain = true;
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#mustReadAgain && !this.#isStopped) {
        this.#mustReadAgain = false;
        let beganAt: Date;
        let page: Event[];
        do {
          beganAt = this.#core.clock.now();
          page = await this.#readPage(this.#head);
          this.#take(page);
        } while (page.length === PAGE);
        this.#readAt = beganAt;
      }
    } finally {
      // In the same turn as the last look at mustReadAgain: a call from now on begins a reading of its own.
      this.#reading = null;
    }
  }

  #readPage(after: bigint): Promise<Event[]> {
    const where = { position: { gt: after } };
    return this.#core.prisma.event.findMany({ where, orderBy: { position: 'asc' }, take: PAGE });
  }

  #take(page: readonly Event[]): void {
    const newest = page.at(-1);
    if (newest === undefined) return;
    this.#tail = [...this.#tail, ...page].slice(-TAIL);
    this.#head = newest.position;
    for (const watcher of this.#watchers) {
      try {
        watcher(page);
      } catch (error) {
        this.#onFailure(error);
      }
    }
    for (const wake of this.#waiting) wake();
  }

  #schedulePoll(): void {
    if (this.#isStopped) return;
    this.#poll = this.#core.clock.after(POLL_MS, () => {
      void this.catchUp()
        .catch(this.#onFailure)
        .then(() => this.#schedulePoll());
    });
  }
}

/** The position of the newest event, in the snapshot of whoever asks. */
export async function readHead({ prisma }: { readonly prisma: Pick<Core['prisma'], 'logHead'> }): Promise<bigint> {
  return (await prisma.logHead.findUniqueOrThrow({ where: { id: 1 } })).position;
}
