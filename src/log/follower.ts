import type { Client } from 'pg';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { LOG_CHANNEL } from './append.ts';

/** How many events one read takes. */
const PAGE = 500;

/** How many of the newest events are kept in memory, for all readers that keep up. */
const TAIL = 2_000;

/** The net under the notifications: how often the log is read without one. */
const POLL_MS = 1_000;

/** How long after a lost connection the next one is tried. */
const RECONNECT_MS = 500;

/** What the follower needs of the store. */
export interface FollowerOptions {
  /** A connection of its own, for LISTEN. */
  readonly connect: () => Promise<Client>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Follows the log for one node: woken by NOTIFY, read by position, so that a lost connection or notification leaves no
 * gap. The newest events stay in memory; readers that are further behind read the database.
 */
export class Follower {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #options: FollowerOptions;
  #client: Client | null = null;
  #poll: Cancel | null = null;
  #tail: Event[] = [];
  #head = 0n;
  #reading: Promise<void> | null = null;
  #mustReadAgain = false;
  #isStopped = true;
  #readAt: Date | null = null;
  readonly #waiting = new Set<() => void>();
  readonly #watchers = new Set<(events: readonly Event[]) => void>();

  constructor(core: Pick<Core, 'prisma' | 'clock'>, options: FollowerOptions) {
    this.#core = core;
    this.#options = options;
  }

  /** Starts from the log's present end. */
  async start(): Promise<void> {
    this.#isStopped = false;
    await this.#listen();
    this.#head = await readHead(this.#core);
    this.#readAt = this.#core.clock.now();
    this.#schedulePoll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#poll?.();
    for (const wake of this.#waiting) wake();
    await this.#reading?.catch(() => undefined);
    await this.#client?.end().catch(() => undefined);
    this.#client = null;
  }

  /** The position of the newest event that this node knows of. */
  get head(): bigint {
    return this.#head;
  }

  /** How long ago the log was last read to its end, in ms. */
  lagMs(): number {
    if (this.#readAt === null) return Number.POSITIVE_INFINITY;
    return this.#core.clock.now().getTime() - this.#readAt.getTime();
  }

  /** The events after a position, oldest first, at most a page of them. */
  async read(after: bigint): Promise<readonly Event[]> {
    const oldest = this.#tail[0];
    if (oldest !== undefined && after >= oldest.position - 1n) {
      return this.#tail.slice(Number(after - oldest.position) + 1).slice(0, PAGE);
    }
    if (after >= this.#head) return [];
    return this.#core.prisma.event.findMany({
      where: { position: { gt: after } },
      orderBy: { position: 'asc' },
      take: PAGE,
    });
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

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Tells of each batch of events as it arrives, until the returned function is called. */
  watch(watcher: (events: readonly Event[]) => void): Cancel {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Reads up to the log's present end. Resolves when this node knows all that had committed before the call. */
  catchUp(): Promise<void> {
    this.#mustReadAgain = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    while (this.#mustReadAgain && !this.#isStopped) {
      this.#mustReadAgain = false;
      for (let page = await this.#readPage(); page.length > 0; page = await this.#readPage()) this.#take(page);
      this.#readAt = this.#core.clock.now();
    }
  }

  #readPage(): Promise<Event[]> {
    const where = { position: { gt: this.#head } };
    return this.#core.prisma.event.findMany({ where, orderBy: { position: 'asc' }, take: PAGE });
  }

  #take(page: Event[]): void {
    this.#tail = [...this.#tail, ...page].slice(-TAIL);
    this.#head = page.at(-1)?.position ?? this.#head;
    for (const watcher of this.#watchers) watcher(page);
    for (const wake of this.#waiting) wake();
  }

  #schedulePoll(): void {
    if (this.#isStopped) return;
    this.#poll = this.#core.clock.after(POLL_MS, () => {
      this.catchUp().then(
        () => this.#schedulePoll(),
        (error: unknown) => {
          this.#options.onFailure(error);
          this.#schedulePoll();
        },
      );
    });
  }

  async #listen(): Promise<void> {
    const client = await this.#options.connect();
    client.on('notification', () => void this.catchUp().catch(this.#options.onFailure));
    client.on('error', (error) => this.#relisten(error));
    client.on('end', () => this.#relisten(new Error('The connection that follows the log has ended.')));
    this.#client = client;
    await client.query(`LISTEN ${LOG_CHANNEL}`);
  }

  /** The poll goes on meanwhile, and nothing is lost: what is read is decided by position alone. */
  #relisten(error: Error): void {
    if (this.#isStopped || this.#client === null) return;
    this.#client.removeAllListeners();
    this.#client.on('error', () => undefined);
    this.#client = null;
    this.#options.onFailure(error);
    const again = () => {
      if (this.#isStopped) return;
      this.#listen()
        .then(
          () => this.catchUp(),
          () => void this.#core.clock.after(RECONNECT_MS, again),
        )
        .catch(this.#options.onFailure);
    };
    this.#core.clock.after(RECONNECT_MS, again);
  }
}

/** The position of the newest event, in the snapshot of whoever asks. */
export async function readHead({ prisma }: { readonly prisma: Pick<Core['prisma'], 'logHead'> }): Promise<bigint> {
  return (await prisma.logHead.findUniqueOrThrow({ where: { id: 1 } })).position;
}
