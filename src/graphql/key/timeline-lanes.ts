import type { Account, Organization, Realm, Subject } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import { badUserInput } from '../../domain/request-error.ts';
import type { LanePosition, TimelineGroup, TimelineLane } from '../../keys/timeline.ts';
import type { Reader } from '../context.ts';

/** A lane with its owner or realm. */
export interface ShownLane extends TimelineLane {
  readonly owner: Account | Organization | Subject | null;
  readonly realm: Realm | null;
}

/** Loads the owners or realms of lanes: one statement for each kind. */
export async function loadLanes(
  db: Reader,
  lanes: readonly TimelineLane[],
  groupBy: TimelineGroup,
): Promise<ShownLane[]> {
  const idsOf = (kind: string) => lanes.flatMap(({ id }) => (kindOf(id) === kind ? [id] : []));
  const where = (kind: string) => ({ where: { id: { in: idsOf(kind) } } });
  if (groupBy === 'REALM') {
    const realms = new Map((await db.realm.findMany(where('realm'))).map((realm) => [realm.id, realm]));
    return lanes.map((lane) => ({ ...lane, owner: null, realm: realms.get(lane.id) ?? null }));
  }
  const found = [
    ...(idsOf('account').length === 0 ? [] : await db.account.findMany(where('account'))),
    ...(idsOf('organization').length === 0 ? [] : await db.organization.findMany(where('organization'))),
    ...(idsOf('subject').length === 0 ? [] : await db.subject.findMany(where('subject'))),
  ];
  const owners = new Map(found.map((owner) => [owner.id, owner]));
  return lanes.map((lane) => ({ ...lane, owner: owners.get(lane.id) ?? null, realm: null }));
}

/** Returns a page of lanes as a connection. */
export function toLanePage(
  lanes: readonly ShownLane[],
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean },
) {
  const edges = lanes.map((node) => ({ cursor: writeLaneCursor(node), node }));
  const [startCursor, endCursor] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
  return { edges, pageInfo: { ...more, startCursor, endCursor } };
}

function writeLaneCursor({ byHandCount, id }: LanePosition): string {
  return Buffer.from(JSON.stringify([byHandCount, id])).toString('base64url');
}

/** Returns the lane that a cursor names. Throws BAD_USER_INPUT for any other text. */
export function readLaneCursor(cursor: string): LanePosition {
  try {
    const [byHandCount, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (Number.isSafeInteger(byHandCount) && typeof id === 'string' && kindOf(id) !== null) {
      return { byHandCount: byHandCount as number, id };
    }
  } catch {
    // A malformed cursor is refused like one of another list.
  }
  throw badUserInput('after: found a cursor that is not of this list. Take cursors from pageInfo or an edge.', [
    'after',
  ]);
}
