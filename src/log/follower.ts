import type { Client } from 'pg';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { LOG_CHANNEL } from './append.ts';
import type { EventQuery } from './event-query.ts';
import { readBounds, readHead } from './head.ts';
import { Listener } from './listener.ts';
import { QuietChanges, type QuietWatcher } from './quiet-changes.ts';
import { RecentEvents } from './recent-events.ts';
import { type EventPage, PAGE_SIZE, readStoredEvents } from './stored-events.ts';
import { Waiters } from './waiters.ts';
import { Watchers } from './watchers.ts';
import { withTimeout } from './with-timeout.ts';

/** Poll interval, in case a notification is lost. */
const POLL_MS = 1_000;

/** Timeout of one read. A read that exceeds it hangs on a dead connection; the next poll repeats it. */
const READ_TIMEOUT_MS = 5_000;

/** Options of a follower. */
export interface FollowerOptions {
  /** Opens a dedicated connection for LISTEN. */
  readonly connect: () => Promise<Client>;
  /**
   * Called on each failure. The follower recovers by itself, unless the stored log does not continue what it has read.
   */
  readonly onFailure: (error: unknown) => void;
  /** In ms of real time, not of the injected clock, because it measures the network. */
  readonly readTimeoutMs?: number;
}

/**
 * Follows the event log for one node. NOTIFY wakes it, and it reads by position, so a lost connection or notification
 * leaves no gap. The newest events stay in memory; readers that are further behind read the database.
 */
export class Follower {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #listener: Listener;
  readonly #onFailure: (error: unknown) => void;
  readonly #readTimeoutMs: number;
  #poll: Cancel | null = null;
  readonly #recent = new RecentEvents();
  #currentRead: Promise<void> | null = null;
  #mustReadAgain = false;
  #isStopped = true;
  #readAtMs: number | null = null;
  readonly #waiters = new Waiters();
  readonly #watchers: Watchers<readonly Event[]>;
  readonly #quiet: QuietChanges;
  readonly #quietWatchers: Watchers<Parameters<QuietWatcher>[0]>;

  constructor(core: Pick<Core, 'prisma' | 'clock'>, { connect, onFailure, readTimeoutMs }: FollowerOptions) {
    this.#core = core;
    this.#onFailure = onFailure;
    this.#readTimeoutMs = readTimeoutMs ?? READ_TIMEOUT_MS;
    this.#watchers = new Watchers(onFailure);
    this.#quietWatchers = new Watchers(onFailure);
    this.#quiet = new QuietChanges(core);
    this.#listener = new Listener({
      clock: core.clock,
      channel: LOG_CHANNEL,
      connect,
      onNotification: () => this.#catchUpLater(),
      onFailure,
    });
  }

  /** Starts at the current end of the log. Rejects if the database is unavailable. */
  async start(): Promise<void> {
    // The head is read first: a notification before that would start a read at the beginning of the log.
    const { head, quiet } = await readBounds(this.#core);
    this.#recent.startAfter(head);
    this.#quiet.startAfter(quiet);
    // What was read before is of a log that this node did not follow.
    this.#quietWatchers.call(null);
    this.#isStopped = false;
    await this.#listener.start();
    await this.catchUp();
    this.#schedulePoll();
  }

  /** Stops following. Pending waits resolve, and streams end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#poll?.();
    this.#waiters.wakeAll();
    await this.#listener.stop();
    await this.#currentRead?.catch(() => undefined);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The position of the newest event that this node has read. */
  get head(): bigint {
    return this.#recent.head;
  }

  /** The number of the newest quiet change that this node has read. */
  get quietHead(): bigint {
    return this.#quiet.number;
  }

  /** Returns the events in memory after a position, in order. Null: some of them are no longer in memory. */
  readRecent(after: bigint): readonly Event[] | null {
    return this.#recent.readAfter(after);
  }

  /**
   * Returns the age, in ms, of the last read that reached the head: this node knows every event that was committed
   * before that read. Infinite before the first such read, and after the follower has given up on the log.
   */
  lagMs(): number {
    return this.#readAtMs === null ? Number.POSITIVE_INFINITY : this.#nowMs() - this.#readAtMs;
  }

  /**
   * Returns a page of events after a position, oldest first. The page omits no event that the query selects and may
   * include others, which the reader filters out. Rejects with CURSOR_EXPIRED if the log no longer has the next events.
   */
  async read(after: bigint, query: EventQuery, maxCount = PAGE_SIZE): Promise<EventPage> {
    const events = this.#recent.readAfter(after, maxCount);
    if (events === null) return readStoredEvents(this.#core, after, this.head, query, maxCount);
    return { events, readTo: events.at(-1)?.position ?? after };
  }

  /** Resolves when the log has grown beyond a position, when the signal aborts, or when the follower stops. */
  async waitForEventAfter(position: bigint, signal: AbortSignal): Promise<void> {
    if (this.head > position || signal.aborted || this.#isStopped) return;
    await this.#waiters.wait(signal);
  }

  /** Calls the watcher with each batch of new events, until the returned function is called. */
  watch(watcher: (events: readonly Event[]) => void): Cancel {
    return this.#watchers.add(watcher);
  }

  /** Calls the watcher with the keys that changed without an event, until the returned function is called. */
  watchQuietly(watcher: QuietWatcher): Cancel {
    return this.#quietWatchers.add(watcher);
  }

  /**
   * Reads to the current end of the log. Resolves when this node knows every event committed before the call; rejects
   * if the database is unavailable.
   */
  catchUp(): Promise<void> {
    this.#mustReadAgain = true;
    this.#currentRead ??= this.#readAll();
    return this.#currentRead;
  }

  /** Catches up in the background. A failed read is reported once, however many notifications came during it. */
  #catchUpLater(): void {
    if (this.#currentRead === null) void this.catchUp().catch(this.#onFailure);
    else this.#mustReadAgain = true;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#mustReadAgain && !this.#isStopped) {
        this.#mustReadAgain = false;
        let startedAtMs: number;
        let page: Event[];
        do {
          startedAtMs = this.#nowMs();
          page = await this.#readPage(this.head);
          this.#append(page);
        } while (page.length === PAGE_SIZE && !this.#isStopped);
        while (!this.#isStopped && (await this.#readQuietPage()));
        if (!this.#isStopped) this.#readAtMs = startedAtMs;
      }
    } finally {
      // In the same turn as the last check of mustReadAgain, so that a later call starts a new read.
      this.#currentRead = null;
    }
  }

  #readPage(after: bigint): Promise<Event[]> {
    const where = { position: { gt: after } };
    const page = this.#core.prisma.event.findMany({ where, orderBy: { position: 'asc' }, take: PAGE_SIZE });
    return withTimeout(this.#readTimeoutMs, page);
  }

  #readQuietPage(): Promise<boolean> {
    const page = this.#quiet.read((keyIds) => this.#quietWatchers.call(keyIds));
    return withTimeout(this.#readTimeoutMs, page);
  }

  #append(page: readonly Event[]): void {
    if (page.length === 0) return;
    if (!this.#recent.append(page)) return this.#giveUp('dropped events that this node had not read');
    this.#watchers.call(page);
    this.#waiters.wakeAll();
  }

  #nowMs(): number {
    const { clock } = this.#core;
    return clock.monotonicMs?.() ?? clock.now().getTime();
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
    const known = this.head;
    if ((await withTimeout(this.#readTimeoutMs, readHead(this.#core))) < known)
      this.#giveUp('is behind what this node has read: the database was restored');
  }

  /**
   * Gives up, because the stored log does not continue what this node has read. Until it is restarted, the node is not
   * ready and its streams end.
   */
  #giveUp(problem: string): void {
    this.#isStopped = true;
    this.#readAtMs = null;
    this.#waiters.wakeAll();
    this.#onFailure(new Error(`The event log ${problem}. Restart this node.`));
  }
}
