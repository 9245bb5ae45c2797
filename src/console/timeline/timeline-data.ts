import type { Client } from 'urql';
import { readOutcome } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';
import type { LaneCountsFragment, TimelineOfPageQuery, TimelineStep } from '../api/operations.ts';
import type { LiveChange } from '../live/live-events.ts';
import { Pacer } from '../live/pacer.ts';
import { ObservableValue } from '../shell/observable-value.ts';

/** Reading counts all keys: after events it is done at most once in this time. */
const PAUSE_MS = 3_000;

export const laneCountsFragment = graphql(`
  fragment LaneCounts on TimelineCounts {
    byHand
    byItself
    renewals
    retirements
    stopped
  }
`);

// Without keys of CI jobs: they end with their job, and no program renews them.
const TimelineQuery = graphql(`
  query TimelineOfPage(
    $from: DateTime!
    $to: DateTime!
    $step: TimelineStep!
    $first: Int!
    $after: String
    $isFirst: Boolean!
  ) {
    timeline(from: $from, to: $to, step: $step, filter: { exchanged: false }) {
      at
      from
      to
      periods
      total @include(if: $isFirst) {
        ...LaneCounts
      }
      freezes @include(if: $isFirst) {
        from
        to
        reason
        realm {
          slug
          name
        }
      }
      lanes(first: $first, after: $after) {
        edges {
          node {
            owner {
              id
              name
            }
            counts {
              ...LaneCounts
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export type LaneCounts = LaneCountsFragment;

/** The keys of an owner, or of all owners (id: an empty text). */
export interface OwnerLane {
  readonly id: string;
  readonly name: string;
  readonly counts: LaneCounts;
  /** How many stop in all periods. */
  readonly stops: number;
  /** How many of them stop unless a person acts. */
  readonly byHand: number;
  /** How many have stopped. */
  readonly stopped: number;
}

export interface ShownFreeze {
  readonly from: number;
  readonly to: number;
  readonly words: string;
}

/** A timeline as it was read. Instants are milliseconds. */
export interface ShownTimeline {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** When each period begins; the end of the last one is `to`. */
  readonly starts: readonly number[];
  readonly freezes: readonly ShownFreeze[];
  readonly all: OwnerLane;
  readonly lanes: readonly OwnerLane[];
}

export interface TimelineState {
  /** null: it was not read yet. */
  readonly shown: ShownTimeline | null;
  readonly hasMore: boolean;
  readonly problem: string | null;
}

export interface TimelineOptions {
  readonly from: number;
  readonly to: number;
  readonly step: TimelineStep;
  /** How many lanes are read at once. */
  readonly pageSize: number;
}

type Page = TimelineOfPageQuery['timeline'];

/** A timeline: its sums, and its lanes, read page by page as the person scrolls. */
export class TimelineData {
  readonly state = new ObservableValue<TimelineState>({ shown: null, hasMore: false, problem: null });
  readonly #client: Client;
  readonly #options: TimelineOptions;
  readonly #pacer = new Pacer(() => this.#read(false), PAUSE_MS);
  #pages: readonly Page[] = [];
  /** Readings follow each other: the first may have been answered before the change that asks for the second. */
  #reading: Promise<void> = Promise.resolve();
  #isReading = false;
  #isStopped = false;

  constructor(client: Client, options: TimelineOptions) {
    this.#client = client;
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.#pacer.ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#pacer.stop();
  }

  /** Reads the next lanes, unless something is being read. */
  readMore(): void {
    if (!this.#isReading && this.state.get().hasMore) this.#read(true);
  }

  readAgain(): void {
    this.#pacer.ask();
  }

  #read(isMore: boolean): void {
    this.#isReading = true;
    this.#reading = this.#reading
      .then(() => this.#readPages(isMore ? this.#pages : [], isMore ? this.#pages.length + 1 : this.#pages.length))
      .finally(() => (this.#isReading = false));
  }

  /** Reads pages of lanes behind those before, until there are as many as wanted, and at least one. */
  async #readPages(before: readonly Page[], wanted: number): Promise<void> {
    const pages = [...before];
    while (pages.length < Math.max(wanted, 1)) {
      const info = pages.at(-1)?.lanes.pageInfo;
      if (info !== undefined && !info.hasNextPage) break;
      const { from, to, step, pageSize } = this.#options;
      const variables = {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        step,
        first: pageSize,
        after: info?.endCursor ?? null,
        isFirst: pages.length === 0,
      };
      const result = await this.#client.query(TimelineQuery, variables, { requestPolicy: 'network-only' }).toPromise();
      if (this.#isStopped) return;
      const { data, problem } = readOutcome(result);
      if (problem !== null) {
        this.state.set({ ...this.state.get(), problem });
        return;
      }
      pages.push(data.timeline);
    }
    this.#pages = pages;
    const hasMore = pages.at(-1)?.lanes.pageInfo.hasNextPage ?? false;
    this.state.set({ shown: toShown(pages), hasMore, problem: null });
  }
}

function toShown(pages: readonly Page[]): ShownTimeline | null {
  const [first] = pages;
  if (first?.total === undefined || first.freezes === undefined) return null;
  const realms = new Set(first.freezes.map(({ realm }) => realm.slug));
  const lanes = new Map(
    pages.flatMap(({ lanes: { edges } }) =>
      edges.flatMap(({ node: { owner, counts } }) => (owner == null ? [] : [[owner.id, laneOf({ ...owner, counts })]])),
    ),
  );
  return {
    at: Date.parse(first.at),
    from: Date.parse(first.from),
    to: Date.parse(first.to),
    starts: first.periods.map((start) => Date.parse(start)),
    freezes: first.freezes.map(({ from, to, reason, realm }) => ({
      from: Date.parse(from),
      to: Date.parse(to),
      words: realms.size > 1 ? `${reason} (${realm.name})` : reason,
    })),
    all: laneOf({ id: '', name: 'All owners', counts: first.total }),
    lanes: [...lanes.values()],
  };
}

function laneOf(lane: Pick<OwnerLane, 'id' | 'name' | 'counts'>): OwnerLane {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const { byHand, byItself, stopped } = lane.counts;
  return { ...lane, stops: sum(byHand) + sum(byItself), byHand: sum(byHand), stopped: sum(stopped) };
}

/** Events of keys after which none stops at another time. */
const quiet = [
  'KEY_FIRST_USED',
  'KEY_EXPIRING',
  'KEY_SECRET_REUSED',
  'KEY_BROKE_CONSUMER',
  'KEY_BROWNOUT_ENDED',
  'KEY_USED_OUT_OF_RHYTHM',
  'KEY_STOPS_BEFORE_NEXT_USE',
];

/** Whether an event may change a timeline. */
export function concernsTimeline(change: LiveChange): boolean {
  return (
    change === 'GAP' || (/^(KEY|SUBJECT|POLICY|REALM|OPERATION)_/.test(change.type) && !quiet.includes(change.type))
  );
}
