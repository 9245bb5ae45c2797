import type { Client } from 'pg';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { LOG_CHANNEL } from './append.ts';
import type { EventQuery } from './event-query.ts';
import { readHead } from './head.ts';
import { Listener } from './listener.ts';
import { type EventPage, PAGE_SIZE, readStoredEvents } from './stored-events.ts';
import { Waiters } from './waiters.ts';
import { withTimeout } from './with-timeout.ts';

/** How many of the newest events are kept in memory, for all readers that keep up. */
const TAIL_SIZE = 2_000;

/** The net under the notifications: how often the log is read without one. */
const POLL_MS = 1_000;

/** How long a read may take; one that has not answered by then hangs on a connection that is dead, and is made anew. */
const READ_TIMEOUT_MS = 5_000;

/** What the follower needs of the store. */
export interface FollowerOptions {
  /** A connection of its own, for LISTEN. */
  readonly connect: () => Promise<Client>;
  /** Told of each failure; the follower goes on by itself, but when the log is not the one that it has read. */
  readonly onFailure: (error: unknown) => void;
  /** In ms of the machine's own time: whether a network answers has nothing to do with what time it is. */
  readonly readTimeoutMs?: number;
}

/**
 * Follows the log for one node: woken by NOTIFY, read by position, so that a lost connection or notification leaves no
 * gap. The newest events stay in memory; readers that are further behind read the database.
 */
export class Follower {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #listener: Listener;
  readonly #onFailure: (error: unknown) => void;
  readonly #readTimeoutMs: number;
  #poll: Cancel | null = null;
  #tail: readonly Event[] = [];
  #head = 0n;
  #reading: Promise<void> | null = null;
  #mustReadAgain = false;
  #isStopped = true;
  #readAt: Date | null = null;
  readonly #waiting = new Waiters();
  readonly #watchers = new Set<(events: readonly Event[]) => void>();

  constructor(core: Pick<Core, 'prisma' | 'clock'>, { connect, onFailure, readTimeoutMs }: FollowerOptions) {
    this.#core = core;
    this.#onFailure = onFailure;
    this.#readTimeoutMs = readTimeoutMs ?? READ_TIMEOUT_MS;
    this.#listener = new Listener({
      clock: core.clock,
      channel: LOG_CHANNEL,
      connect,
      onNotification: () => void this.catchUp().catch(onFailure),
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
    this.#waiting.wakeAll();
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

  /**
   * The events after a position, oldest first, at most a page of them, none that is chosen left out; which of them are, the
   * reader judges. Rejects with CURSOR_EXPIRED when the log no longer has them.
   */
  async read(after: bigint, choice: EventQuery, most = PAGE_SIZE): Promise<EventPage> {
    const memoryFrom = this.#tail[0]?.position ?? this.#head + 1n;
    if (after < memoryFrom - 1n) return readStoredEvents(this.#core, after, this.#head, choice, most);
    const start = this.#tail.findLastIndex(({ position }) => position <= after) + 1;
    const events = this.#tail.slice(start, start + most);
    return { events, readTo: events.at(-1)?.position ?? after };
  }

  /** Resolves when the log has grown beyond a position, or the signal or the follower has ended. */
  async waitForEventAfter(position: bigint, signal: AbortSignal): Promise<void> {
    if (this.#head > position || signal.aborted || this.#isStopped) return;
    await this.#waiting.wait(signal);
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
        } while (page.length === PAGE_SIZE && !this.#isStopped);
        if (!this.#isStopped) this.#readAt = beganAt;
      }
    } finally {
      // In the same turn as the last look at mustReadAgain: a call from now on begins a reading of its own.
      this.#reading = null;
    }
  }

  #readPage(after: bigint): Promise<Event[]> {
    const where = { position: { gt: after } };
    const page = this.#core.prisma.event.findMany({ where, orderBy: { position: 'asc' }, take: PAGE_SIZE });
    return withTimeout(this.#readTimeoutMs, page);
  }

  #take(page: readonly Event[]): void {
    const newest = page.at(-1);
    if (newest === undefined) return;
    // Positions have no gaps: what lay between is gone.
    if (page[0]?.position !== this.#head + 1n) return this.#lose('has dropped what this node had not read yet');
    this.#tail = [...this.#tail, ...page].slice(-TAIL_SIZE);
    this.#head = newest.position;
    for (const watcher of this.#watchers) {
      try {
        watcher(page);
      } catch (error) {
        this.#onFailure(error);
      }
    }
    this.#waiting.wakeAll();
  }

  #schedulePoll(): void {
    if (this.#isStopped) return;
    this.#poll = this.#core.clock.after(POLL_MS, () => {
      void this.catchUp()
        .then(() => this.#checkHead())
        .catch(this.#onFailure)
        .then(() => this.#schedulePoll());
    });
  }

  async #checkHead(): Promise<void> {
    const known = this.#head;
    if ((await withTimeout(this.#readTimeoutMs, readHead(this.#core))) < known)
      this.#lose('is older than what this node has read: it was restored');
  }

  /**
   * Gives up: what this node knows does not belong to the log that is there. It is not ready from now on, and streams end,
   * until it is started again.
   */
  #lose(how: string): void {
    this.#isStopped = true;
    this.#readAt = null;
    this.#waiting.wakeAll();
    this.#onFailure(new Error(`The log ${how}. Start this node again.`));
  }
}
