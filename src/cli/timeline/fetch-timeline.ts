import type { Client } from '../../client/client.ts';
import { listAll } from '../list-all.ts';

/** The names of steps, by the option's value. */
const stepNames = { day: 'DAY', week: 'WEEK' } as const;

export type StepOption = keyof typeof stepNames;

/** What happens to keys in each period: each list has a number for each. */
export interface PeriodCounts {
  readonly byHand: readonly number[];
  readonly byItself: readonly number[];
  readonly renewals: readonly number[];
  readonly retirements: readonly number[];
}

interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A row of the picture: an owner or a realm, and what happens to its keys. */
export interface PictureLane {
  readonly id: string;
  readonly name: string;
  readonly counts: PeriodCounts;
}

/** A timeline, as `--json` prints it. */
export interface FetchedTimeline {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly step: 'DAY' | 'WEEK';
  readonly periods: readonly string[];
  readonly total: PeriodCounts;
  readonly lanes: readonly PictureLane[];
  /** Whether there are more lanes. */
  readonly hasMore: boolean;
  readonly freezes: readonly Freeze[];
}

/** The time, the step and the keys of a timeline. */
export interface TimelineRange {
  readonly from: Date;
  readonly to: Date;
  readonly step: StepOption;
  readonly filter: Readonly<Record<string, unknown>>;
}

const COUNTS = 'byHand byItself renewals retirements';

const QUERY = `query Timeline(
  $from: DateTime!, $to: DateTime!, $step: TimelineStep!, $groupBy: TimelineGroup!, $filter: KeyFilter, $first: Int
) {
  timeline(from: $from, to: $to, step: $step, groupBy: $groupBy, filter: $filter) {
    at from to periods total { ${COUNTS} } freezes { from to reason }
    lanes(first: $first) {
      edges { node { counts { ${COUNTS} } realm { id slug } owner { id name } } }
      pageInfo { hasNextPage }
    }
  }
}`;

interface LaneNode {
  readonly counts: PeriodCounts;
  readonly realm: { readonly id: string; readonly slug: string } | null;
  readonly owner: { readonly id: string; readonly name: string } | null;
}

/** Fetches when keys stop, by owner or by realm. Throws ClientError as `Client.ask` does. */
export async function fetchTimeline(
  client: Client,
  { from, to, step, filter }: TimelineRange,
  { groupBy, first }: { readonly groupBy: 'OWNER' | 'REALM'; readonly first: number },
): Promise<FetchedTimeline> {
  const variables = {
    from: from.toISOString(),
    to: to.toISOString(),
    step: stepNames[step],
    groupBy,
    filter,
    first,
  };
  const { timeline } = await client.ask<{
    readonly timeline: Omit<FetchedTimeline, 'lanes' | 'hasMore' | 'step'> & {
      readonly lanes: {
        readonly edges: readonly { readonly node: LaneNode }[];
        readonly pageInfo: { readonly hasNextPage: boolean };
      };
    };
  }>({ query: QUERY, variables });
  const { lanes, ...rest } = timeline;
  return {
    ...rest,
    step: stepNames[step],
    lanes: lanes.edges.map(({ node: { counts, realm, owner } }) => ({
      id: realm?.id ?? owner?.id ?? '',
      name: realm?.slug ?? owner?.name ?? '',
      counts,
    })),
    hasMore: lanes.pageInfo.hasNextPage,
  };
}

/** A key that stops within the time of a timeline. */
export interface StoppingKeyLane {
  readonly id: string;
  readonly name: string;
  readonly stopsAt: string;
  /** Whether it stops unless a person acts. */
  readonly byHand: boolean;
}

/** Fetches the keys that stop in a time, the soonest first. Throws ClientError as `Client.ask` does. */
export async function fetchStoppingKeys(
  client: Client,
  { from, to, filter }: TimelineRange,
): Promise<readonly StoppingKeyLane[]> {
  interface KeyNode {
    readonly id: string;
    readonly name: string;
    readonly stopsAt: string | null;
    readonly automation: string;
  }
  const states = ['ACTIVE', 'HELD'];
  const keys = await listAll<KeyNode>(client, {
    field: 'keys',
    filterType: 'KeyFilter',
    filter: { ...filter, states, stopsAfter: from.toISOString(), stopsBefore: to.toISOString() },
    select: 'id name stopsAt automation',
  });
  return keys
    .flatMap(({ id, name, stopsAt, automation }) =>
      stopsAt === null ? [] : [{ id, name, stopsAt, byHand: automation !== 'WORKING' }],
    )
    .toSorted((a, b) => (`${a.stopsAt} ${a.id}` < `${b.stopsAt} ${b.id}` ? -1 : 1));
}
