import type { Client } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { graphql } from '../../api/graphql.ts';
import type { KeyFilter, KeyOrder, KeyRowFragment } from '../../api/operations.ts';
import type { LiveChange } from '../../live/live-events.ts';
import { ObservableValue } from '../../shell/observable-value.ts';

const PAGE_SIZE = 100;

/** How many ids the filter of the gateway takes. If more keys are new, the latest of them are counted. */
const IDS_MAX = 100;

/** Counts are read again at most once in this time. */
const PAUSE_MS = 1_000;

const PageQuery = graphql(`
  query KeyPage($filter: KeyFilter, $order: KeyOrder!, $after: String) {
    keys(filter: $filter, orderBy: $order, first: 100, after: $after) {
      edges {
        node {
          ...KeyRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const CountQuery = graphql(`
  query KeyCounts($shown: KeyFilter, $hidden: KeyFilter, $new: KeyFilter, $withHidden: Boolean!, $withNew: Boolean!) {
    shown: keyCount(filter: $shown)
    hidden: keyCount(filter: $hidden) @include(if: $withHidden)
    new: keyCount(filter: $new) @include(if: $withNew)
  }
`);

export interface KeyPagesState {
  readonly rows: readonly KeyRowFragment[];
  /** How many keys match; null: it is not known yet. */
  readonly total: number | null;
  /** How many ended keys are hidden; null: none are, or it is not known yet. */
  readonly hidden: number | null;
  /** How many matching keys were issued since the list was read. They are not among the rows. */
  readonly issued: number;
  /** Whether more keys were issued than can be counted, so that `issued` is the least. */
  readonly areMoreIssued: boolean;
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly problem: string | null;
}

const unread: KeyPagesState = {
  rows: [],
  total: null,
  hidden: null,
  issued: 0,
  areMoreIssued: false,
  hasMore: true,
  isReading: false,
  problem: null,
};

export interface KeyPagesOptions {
  readonly shown: KeyFilter;
  readonly hidden: KeyFilter | null;
  readonly order: KeyOrder;
}

/**
 * The pages of a list of keys, read one after the other as the person scrolls. Not from the cache of documents: that would read
 * all pages again after each change. An event replaces its row where it stands, so that nothing moves under the pointer; new keys
 * are counted.
 */
export class KeyPages {
  readonly state = new ObservableValue<KeyPagesState>(unread);
  readonly #client: Client;
  readonly #options: KeyPagesOptions;
  readonly #places = new Map<string, number>();
  #cursor: string | null = null;
  #isStopped = false;
  /** The ids of keys that were issued since the list was read, whether or not they match. */
  readonly #issued = new Set<string>();
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #isCountDue = false;

  constructor(client: Client, options: KeyPagesOptions) {
    this.#client = client;
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    if (this.state.get().rows.length === 0) void this.readMore();
    this.#count();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#countTimer);
    this.#countTimer = undefined;
  }

  /** Reads the next page, unless one is being read or there is none. */
  async readMore(): Promise<void> {
    const { isReading, hasMore } = this.state.get();
    if (isReading || !hasMore) return;
    this.#update({ isReading: true, problem: null });
    const { shown: filter, order } = this.#options;
    const result = await this.#client
      .query(PageQuery, { filter, order, after: this.#cursor }, { requestPolicy: 'network-only' })
      .toPromise();
    const { data, problem } = readOutcome(result);
    if (problem !== null) {
      this.#update({ isReading: false, hasMore: false, problem });
      return;
    }
    const { edges, pageInfo } = data.keys;
    this.#cursor = pageInfo.endCursor ?? null;
    const { rows } = this.state.get();
    const added = edges.map(({ node }) => node).filter(({ id }) => !this.#places.has(id));
    for (const [index, { id }] of added.entries()) this.#places.set(id, rows.length + index);
    this.#update({ rows: [...rows, ...added], hasMore: pageInfo.hasNextPage, isReading: false });
    // A key that was issued while the page was read is a row now, and no longer counted as new.
    const known = added.filter(({ id }) => this.#issued.delete(id));
    if (known.length > 0) this.#count();
  }

  /** Takes what an event says about a key of the list. */
  take(change: LiveChange): void {
    if (change === 'GAP') return this.#count();
    const { key, keyId, type } = change;
    if (keyId === null || keyId === undefined) return;
    const place = this.#places.get(keyId);
    if (place !== undefined && key != null) {
      this.#update({ rows: this.state.get().rows.with(place, key) });
    }
    if (type === 'KEY_ISSUED' && place === undefined) {
      this.#issued.add(keyId);
    }
    this.#count();
  }

  /** Counts now, or soon if that was a moment ago. */
  #count(): void {
    if (this.#countTimer !== undefined) {
      this.#isCountDue = true;
      return;
    }
    this.#isCountDue = false;
    void this.#readCounts();
    this.#countTimer = setTimeout(() => {
      this.#countTimer = undefined;
      if (this.#isCountDue && !this.#isStopped) this.#count();
    }, PAUSE_MS);
  }

  async #readCounts(): Promise<void> {
    const { shown, hidden } = this.#options;
    const variables = {
      shown,
      hidden,
      new: { ...shown, ids: [...this.#issued].slice(-IDS_MAX) },
      withHidden: hidden !== null,
      withNew: this.#issued.size > 0,
    };
    const areMoreIssued = this.#issued.size > IDS_MAX;
    const result = await this.#client.query(CountQuery, variables, { requestPolicy: 'network-only' }).toPromise();
    const { data } = readOutcome(result);
    if (data === null || this.#isStopped) return;
    const issued = data.new ?? 0;
    this.#update({ total: data.shown - issued, hidden: data.hidden ?? null, issued, areMoreIssued });
  }

  #update(changes: Partial<KeyPagesState>): void {
    if (!this.#isStopped) this.state.set({ ...this.state.get(), ...changes });
  }
}

/** Returns how many rows the list has: those that were read, and those that are still to come. */
export function rowCountOf({ rows, total, hasMore }: KeyPagesState): number {
  if (!hasMore) return rows.length;
  return Math.max(rows.length + 1, total ?? PAGE_SIZE);
}
