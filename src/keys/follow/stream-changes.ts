import type { Event } from '../../../prisma/generated/client/client.ts';
import { RequestError } from '../../domain/request-error.ts';
import { SECOND_MS } from '../../domain/duration.ts';
import type { Follower } from '../../log/follower.ts';
import { checkPosition, readBounds } from '../../log/head.ts';
import { readQuietKeys } from '../../log/quiet-changes.ts';
import { retryWhileUnavailable } from '../../log/retry-while-unavailable.ts';
import type { Core } from '../../store/core.ts';
import type { EndLine, HeadLine } from '../../verifier/follow-lines.ts';
import { realmEvents } from '../table/follow-changes.ts';
import { encodeFollowCursor, type FollowPosition } from './follow-cursor.ts';
import { readLineage } from './read-lineage.ts';
import { type LineReader, readKeyLines, readRealmLine } from './read-lines.ts';

/** How often the head is sent while nothing changes. */
export const HEARTBEAT_MS = SECOND_MS;

/** How many keys one statement reads. */
const PAGE_SIZE = 500;

export type FollowingCore = Pick<Core, 'prisma' | 'clock'> & { readonly follower: Follower };

export interface StreamOptions extends LineReader {
  readonly after: FollowPosition;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Checks at each turn that the reader may still follow. Throws UNAUTHENTICATED or FORBIDDEN if not. */
  readonly check: () => Promise<void>;
}

/** What changed in a part of the log. */
interface RealmChanges {
  readonly keyIds: ReadonlySet<string>;
  readonly isRealmChanged: boolean;
}

/** Throws CURSOR_EXPIRED or CURSOR_AHEAD if the changes after a position are not all known: the reader takes a new snapshot. */
export async function checkFollowPosition({ prisma }: FollowingCore, after: FollowPosition): Promise<void> {
  const bounds = await readBounds({ prisma });
  const isOtherHistory = (await readLineage(prisma)) !== after.lineage || after.quiet > bounds.quiet;
  checkPosition(isOtherHistory ? bounds.head + 1n : after.position, bounds);
}

/**
 * Yields lines for a follower, as they become known to this node: each changed key as it is now, and the head at least each
 * second. Events say which keys have changed, and are never sent. Ends with the signal, or with an `end` line.
 */
export async function* streamChanges(core: FollowingCore, options: StreamOptions): AsyncGenerator<string[], void> {
  const { follower, clock } = core;
  const { realmId, signal, check } = options;
  const { lineage } = options.after;
  let { position, quiet } = options.after;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  const repeat = <Result>(read: () => Promise<Result>) => retryWhileUnavailable(clock, signal, read);
  const mayFollow = async () => (await repeat(check).then(() => null, toRefusal)) === null;
  while (!signal.aborted) {
    if (follower.isStopped) return yield [endLine('RESTART')];
    // In one turn: what was committed before asOf is at most at these positions.
    const asOf = clock.now().getTime() - follower.lagMs();
    const to = { position: max(follower.head, position), quiet: max(follower.quietHead, quiet) };
    // After the positions: if the reader's own end is among these changes, the check knows it.
    if (!(await mayFollow())) return yield [endLine('FORBIDDEN')];
    const changes = await repeat(() => readChanges(core, realmId, { position, quiet }, to));
    if (changes === null) return yield [endLine('RESET')];
    if (changes.isRealmChanged) yield [await repeat(() => readRealmLine(core, realmId))];
    const keyIds = [...changes.keyIds];
    let lineCount = 0;
    for (let index = 0; index < keyIds.length; index += PAGE_SIZE) {
      const lines = await repeat(() => readKeyLines(core, options, keyIds.slice(index, index + PAGE_SIZE)));
      lineCount += lines.length;
      // These lines may be newer than the positions.
      if (!(await mayFollow())) return yield [endLine('FORBIDDEN')];
      if (lines.length > 0) yield [...lines];
    }
    ({ position, quiet } = to);
    const time = clock.now().getTime();
    if (Number.isFinite(asOf) && (lineCount > 0 || changes.isRealmChanged || time - sentAtMs >= HEARTBEAT_MS)) {
      const head: HeadLine = { cursor: encodeFollowCursor({ lineage, position, quiet }), asOf, time };
      yield [JSON.stringify({ head })];
      sentAtMs = time;
    }
    await waitForChange(core, { position, quiet }, signal);
  }
}

/** Returns what changed in a realm between two positions. Returns null if retention has removed some of the changes. */
async function readChanges(
  { prisma, follower }: FollowingCore,
  realmId: string,
  from: Pick<FollowPosition, 'position' | 'quiet'>,
  to: Pick<FollowPosition, 'position' | 'quiet'>,
): Promise<RealmChanges | null> {
  const keyIds = new Set<string>();
  let isRealmChanged = false;
  if (from.position < to.position) {
    const events = follower.readRecent(from.position) ?? (await readStoredChanges(prisma, realmId, from, to));
    if (events === null) return null;
    for (const event of events) {
      if (event.realmId !== realmId) continue;
      if (event.keyId !== null) keyIds.add(event.keyId);
      isRealmChanged ||= realmEvents.has(event.type);
    }
  }
  if (from.quiet < to.quiet) {
    const quietKeys = await readQuietKeys({ prisma }, from.quiet, to.quiet);
    if (quietKeys === null) return null;
    for (const id of quietKeys) keyIds.add(id);
  }
  return { keyIds, isRealmChanged };
}

type StoredChange = Pick<Event, 'keyId' | 'realmId' | 'type'>;

/** Reads which keys have which events in a part of the log; null: some of it was deleted. */
async function readStoredChanges(
  prisma: Core['prisma'],
  realmId: string,
  { position: after }: Pick<FollowPosition, 'position'>,
  { position: upTo }: Pick<FollowPosition, 'position'>,
): Promise<readonly StoredChange[] | null> {
  const changes = await prisma.$queryRaw<StoredChange[]>`
    SELECT DISTINCT "keyId", "realmId", type FROM "Event"
    WHERE "realmId" = ${realmId} AND position > ${after} AND position <= ${upTo}`;
  return (await readBounds({ prisma })).oldest - 1n > after ? null : changes;
}

/** Resolves when this node knows of more changes, when the next head is due, or when the signal aborts. */
async function waitForChange(
  { follower, clock }: FollowingCore,
  { position, quiet }: Pick<FollowPosition, 'position' | 'quiet'>,
  signal: AbortSignal,
): Promise<void> {
  if (follower.quietHead > quiet) return;
  const wake = new AbortController();
  const cancelTimer = clock.after(HEARTBEAT_MS, () => wake.abort());
  const stopWatching = follower.watchQuietly(() => wake.abort());
  const end = () => wake.abort();
  signal.addEventListener('abort', end);
  await follower.waitForEventAfter(position, wake.signal);
  signal.removeEventListener('abort', end);
  stopWatching();
  cancelTimer();
}

/** Returns why a reader may no longer follow. Throws any other error. */
function toRefusal(error: unknown): RequestError {
  if (error instanceof RequestError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN')) return error;
  throw error;
}

function endLine(reason: EndLine['reason']): string {
  return JSON.stringify({ end: { reason } satisfies EndLine });
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
