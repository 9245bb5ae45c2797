import type { Client, CombinedError } from 'urql';
import { readOutcome } from '../../api/client.ts';
import type { EventFilter, EventRowFragment } from '../../api/operations.ts';
import type { LiveChange } from '../../live/live-events.ts';
import { ObservableValue } from '../../shell/observable-value.ts';
import { EarlierEventsQuery, LaterEventsQuery, LatestEventsQuery } from './event-query.ts';

/** How many events the page holds at most. The oldest make room for new ones, and can be read from the log again. */
export const SHOWN_EVENTS_MAX = 1_000;

/** New events are read at most once in this time, each time as many as there are. */
const PAUSE_MS = 250;

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 10_000;

export interface EventTailState {
  /** The events, the newest first. */
  readonly rows: readonly EventRowFragment[];
  /** How many events are newer than the rows, and wait until they are shown. */
  readonly waitingCount: number;
  readonly isRead: boolean;
  readonly hasEarlier: boolean;
  readonly isReadingEarlier: boolean;
  /** Whether the log could not continue from where the page was: events between may have been deleted. */
  readonly isInterrupted: boolean;
  readonly problem: string | null;
}

const unreadTail: EventTailState = {
  rows: [],
  waitingCount: 0,
  isRead: false,
  hasEarlier: false,
  isReadingEarlier: false,
  isInterrupted: false,
  problem: null,
};

interface EventTailOptions {
  readonly filter: EventFilter;
  /** Begins before this cursor, and shows no new events. null: the newest events, and those that follow. */
  readonly before: string | null;
}

/** The edges of a page, as all three queries have them. */
interface PageOfEvents {
  readonly edges: readonly { readonly node: EventRowFragment }[];
}

/**
 * The end of the log, as the page shows it. The subscription of the console says that there are new events; this reads them from
 * the log after the cursor of the last read, one page after the other. So each event arrives once and in order, also after a lost
 * connection or a restart of the gateway.
 */
export class EventTail {
  readonly state = new ObservableValue<EventTailState>(unreadTail);
  readonly #client: Client;
  readonly #options: EventTailOptions;
  /** New events that are not shown yet, the newest first. */
  #waiting: readonly EventRowFragment[] = [];
  #isPaused = false;
  /** Up to where the log was read; null: it was not read, or cannot continue. */
  #cursor: string | null = null;
  /** Where the events before the last row begin. */
  #earlier: string | null = null;
  #isStopped = false;
  #isReading = false;
  #isDue = false;
  #retryMs = RETRY_MS_MIN;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, options: EventTailOptions) {
    this.#client = client;
    this.#options = options;
    this.#earlier = options.before;
  }

  start(): void {
    this.#isStopped = false;
    this.#read();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Takes that something happened. */
  take(change: LiveChange): void {
    if (this.#options.before !== null) return;
    const { types, keyIds } = this.#options.filter;
    const isForeign =
      change !== 'GAP' &&
      ((types != null && !types.includes(change.type)) || (keyIds != null && !keyIds.includes(change.keyId ?? '')));
    if (!isForeign) this.#read();
  }

  /** Pauses: new events are counted, and wait. The end of the pause shows them. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) this.showWaiting();
  }

  showWaiting(): void {
    if (this.#waiting.length === 0) return;
    const all = [...this.#waiting, ...this.state.get().rows];
    this.#waiting = [];
    this.#update({ ...this.#cut(all), waitingCount: 0 });
  }

  /** Reads the events before the last row, as far as there is room. */
  async readEarlier(): Promise<void> {
    const { isReadingEarlier, rows } = this.state.get();
    const before = this.#earlier;
    if (isReadingEarlier || before === null || rows.length >= SHOWN_EVENTS_MAX) return;
    this.#update({ isReadingEarlier: true, problem: null });
    const { filter } = this.#options;
    const result = await this.#client
      .query(EarlierEventsQuery, { before, filter }, { requestPolicy: 'network-only' })
      .toPromise();
    const { data, problem } = readOutcome(result);
    if (problem !== null) return this.#update({ isReadingEarlier: false, problem });
    // Meanwhile the page has dropped its last rows: the page that was read would leave a gap.
    if (this.#earlier !== before) return this.#update({ isReadingEarlier: false });
    const { hasPreviousPage, startCursor } = data.events.pageInfo;
    this.#earlier = hasPreviousPage ? (startCursor ?? null) : null;
    this.#update({
      ...this.#cut([...this.state.get().rows, ...newestFirst(data.events)]),
      isReadingEarlier: false,
      isRead: true,
    });
  }

  /** Reads what is new: now, or when the present read and the pause after it have ended. */
  #read(): void {
    this.#isDue = true;
    if (this.#isReading || this.#timer !== undefined) return;
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    let problem: string | null = null;
    while (this.#isDue && problem === null && !this.#isStopped) {
      this.#isDue = false;
      problem = await this.#readPage();
    }
    this.#isReading = false;
    if (this.#isStopped) return;
    this.#update({ problem });
    const waitMs = problem === null ? PAUSE_MS : this.#retryMs;
    this.#retryMs = problem === null ? RETRY_MS_MIN : Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    this.#isDue ||= problem !== null && this.#options.before === null;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isDue) void this.#readAll();
    }, waitMs);
  }

  /** Reads one page. Returns what is wrong, for people. */
  async #readPage(): Promise<string | null> {
    if (this.#options.before !== null) {
      await this.readEarlier();
      return this.state.get().problem;
    }
    return this.#cursor === null ? this.#readLatest() : this.#readLater(this.#cursor);
  }

  async #readLatest(): Promise<string | null> {
    const { filter } = this.#options;
    const result = await this.#client
      .query(LatestEventsQuery, { filter }, { requestPolicy: 'network-only' })
      .toPromise();
    const { data, problem } = readOutcome(result);
    if (problem !== null) return problem;
    const { hasPreviousPage, startCursor } = data.events.pageInfo;
    this.#cursor = data.logCursor;
    this.#earlier = hasPreviousPage ? (startCursor ?? null) : null;
    this.#waiting = [];
    this.#update({ ...this.#cut(newestFirst(data.events)), waitingCount: 0, isRead: true });
    return null;
  }

  async #readLater(after: string): Promise<string | null> {
    const { filter } = this.#options;
    const result = await this.#client
      .query(LaterEventsQuery, { after, filter }, { requestPolicy: 'network-only' })
      .toPromise();
    const { data, problem } = readOutcome(result);
    if (problem !== null) {
      if (!isCursorLost(result.error)) return problem;
      // Retention has deleted the events after the cursor, or the log is another one.
      this.#cursor = null;
      this.#isDue = true;
      this.#update({ isInterrupted: true });
      return null;
    }
    const { hasNextPage, endCursor } = data.events.pageInfo;
    this.#cursor = endCursor ?? after;
    this.#isDue ||= hasNextPage;
    this.#add(newestFirst(data.events));
    return null;
  }

  #add(added: readonly EventRowFragment[]): void {
    if (added.length === 0) return;
    const { rows, waitingCount } = this.state.get();
    if (!this.#isPaused) return this.#update(this.#cut([...added, ...rows]));
    this.#waiting = [...added, ...this.#waiting].slice(0, SHOWN_EVENTS_MAX);
    this.#update({ waitingCount: waitingCount + added.length });
  }

  /** Returns as many rows as the page holds. Those that it leaves out are the first of the earlier events. */
  #cut(all: readonly EventRowFragment[]): Pick<EventTailState, 'rows' | 'hasEarlier'> {
    const rows = all.slice(0, SHOWN_EVENTS_MAX);
    if (rows.length < all.length) this.#earlier = rows.at(-1)?.cursor ?? null;
    return { rows, hasEarlier: this.#earlier !== null };
  }

  #update(changes: Partial<EventTailState>): void {
    if (!this.#isStopped) this.state.set({ ...this.state.get(), ...changes });
  }
}

function newestFirst({ edges }: PageOfEvents): readonly EventRowFragment[] {
  return edges.map(({ node }) => node).toReversed();
}

function isCursorLost(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions }) => String(extensions['code']).startsWith('CURSOR_')) === true;
}
