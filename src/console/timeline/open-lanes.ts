import type { Client } from 'urql';
import { readOutcome } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';
import type { LaneKeyFragment } from '../api/operations.ts';
import type { LiveChange } from '../live/live-events.ts';
import { Pacer } from '../live/pacer.ts';
import { ObservableValue } from '../shell/observable-value.ts';

/** Changed keys are read again at most once in this time. */
const PAUSE_MS = 1_000;

/** How many ids the filter of the gateway takes. */
const IDS_MAX = 100;

export const laneKeyFragment = graphql(`
  fragment LaneKey on Key {
    id
    name
    state
    standing
    createdAt
    stopsAt
    automation
    owner {
      id
    }
    rotation {
      startedAt
      previousRetiresAt
    }
    renewalInfo {
      suggestedAt
    }
  }
`);

const KeysOfLaneQuery = graphql(`
  query KeysOfLane($filter: KeyFilter!, $after: String) {
    keys(filter: $filter, orderBy: { field: STOPS_AT, direction: ASC }, first: 100, after: $after) {
      edges {
        node {
          ...LaneKey
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export type LaneKey = LaneKeyFragment;

/** The keys of an open lane, as far as they were read, those that stop first on top. */
export interface OpenLane {
  readonly keys: readonly LaneKey[];
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly cursor: string | null;
  readonly problem: string | null;
}

interface OpenLanesOptions {
  readonly from: number;
  readonly to: number;
  /** The ids of the owners whose lanes are open from the start. */
  readonly open: readonly string[];
}

const unread: OpenLane = { keys: [], hasMore: true, isReading: false, cursor: null, problem: null };

function unreadLanes(open: readonly string[]): ReadonlyMap<string, OpenLane> {
  return new Map(open.map((id) => [id, unread]));
}

/** The keys of the lanes that are open, by the ids of their owners. Each lane is read page by page. */
export class OpenLanes {
  readonly lanes: ObservableValue<ReadonlyMap<string, OpenLane>>;
  readonly #client: Client;
  readonly #range: { readonly stopsAfter: string; readonly stopsBefore: string };
  readonly #changed = new Set<string>();
  /** How often the lanes were read from their beginning: a page that was requested before that would stand at the wrong place. */
  #edition = 0;
  readonly #pacer = new Pacer(() => void this.#readChanged(), PAUSE_MS);

  /** Nothing is read before `show`. */
  constructor(client: Client, { from, to, open }: OpenLanesOptions) {
    this.lanes = new ObservableValue(unreadLanes(open));
    this.#client = client;
    this.#range = { stopsAfter: new Date(from).toISOString(), stopsBefore: new Date(to).toISOString() };
  }

  stop(): void {
    this.#pacer.stop();
  }

  /** Opens these lanes, and closes all others. */
  show(open: readonly string[]): void {
    const before = this.lanes.get();
    if (open.length !== before.size || !open.every((id) => before.has(id)))
      this.lanes.set(new Map([...unreadLanes(open)].map(([id, lane]) => [id, before.get(id) ?? lane])));
    for (const [id, lane] of this.lanes.get()) if (lane === unread) void this.readMore(id);
  }

  /** Reads the next page of a lane, unless one is being read or there is none. */
  async readMore(owner: string): Promise<void> {
    const lane = this.lanes.get().get(owner);
    if (lane === undefined || lane.isReading || !lane.hasMore) return;
    this.#update(owner, { isReading: true, problem: null });
    const edition = this.#edition;
    const result = await this.#query({ owner }, lane.cursor);
    if (edition !== this.#edition) return;
    const { data, problem } = readOutcome(result);
    if (problem !== null) {
      this.#update(owner, { isReading: false, hasMore: false, problem });
      return;
    }
    const { edges, pageInfo } = data.keys;
    const { keys } = this.lanes.get().get(owner) ?? unread;
    const known = new Set(keys.map(({ id }) => id));
    const added = edges.map(({ node }) => node).filter(({ id }) => !known.has(id));
    const { hasNextPage: hasMore, endCursor: cursor = null } = pageInfo;
    this.#update(owner, { keys: [...keys, ...added], hasMore, cursor, isReading: false });
  }

  /** Reads on in a lane that could not be read. */
  retry(owner: string): void {
    this.#update(owner, { hasMore: true });
    void this.readMore(owner);
  }

  /** Takes note of an event: a key of an open lane may have changed, come or gone. */
  take(change: LiveChange): void {
    if (change === 'GAP') return this.#readAgain();
    const { keyId, key } = change;
    if (keyId == null) return;
    const isShown = [...this.lanes.get()].some(
      ([owner, { keys }]) => key?.owner.id === owner || keys.some(({ id }) => id === keyId),
    );
    if (!isShown) return;
    this.#changed.add(keyId);
    this.#pacer.ask();
  }

  #readAgain(): void {
    const open = [...this.lanes.get().keys()];
    this.#edition += 1;
    this.lanes.set(unreadLanes(open));
    this.show(open);
  }

  /** Reads changed keys, and puts each where it now belongs. */
  async #readChanged(): Promise<void> {
    const ids = [...this.#changed].slice(0, IDS_MAX);
    for (const id of ids) this.#changed.delete(id);
    if (this.#changed.size > 0) this.#pacer.ask();
    if (ids.length === 0) return;
    const { data } = readOutcome(await this.#query({ ids }, null));
    if (data === null) return this.#readAgain();
    const read = data.keys.edges.map(({ node }) => node);
    for (const [owner, { keys, hasMore }] of this.lanes.get()) {
      const unchanged = keys.filter(({ id }) => !ids.includes(id));
      // A key behind those that were read comes with its page.
      const last = hasMore ? (keys.at(-1)?.stopsAt ?? '') : '9999';
      const placed = read.filter((key) => key.owner.id === owner && stopOf(key) <= last);
      const all = [...unchanged, ...placed].toSorted((a, b) => (stopOf(a) < stopOf(b) ? -1 : 1));
      if (placed.length > 0 || unchanged.length < keys.length) this.#update(owner, { keys: all });
    }
  }

  #query(which: { readonly owner: string } | { readonly ids: string[] }, after: string | null) {
    const filter = { ...which, ...this.#range, exchanged: false, states: ['ACTIVE' as const, 'HELD' as const] };
    return this.#client.query(KeysOfLaneQuery, { filter, after }, { requestPolicy: 'network-only' }).toPromise();
  }

  #update(owner: string, changes: Partial<OpenLane>): void {
    const lanes = this.lanes.get();
    const lane = lanes.get(owner);
    if (lane !== undefined) this.lanes.set(new Map(lanes).set(owner, { ...lane, ...changes }));
  }
}

function stopOf({ stopsAt }: LaneKey): string {
  return stopsAt ?? '';
}
