import { setTimeout as pauseFor } from 'node:timers/promises';
import { ask, dataOf, parseAnswer } from './ask.ts';
import { ClientError } from './client-error.ts';
import { post, unreachable, type Connection } from './connection.ts';
import { readErrors } from './read-errors.ts';
import { readServerEvents, type ServerEvent } from './read-server-events.ts';

/** Which events are followed, and from where. */
export interface Following {
  /** A cursor; what follows it is told. Null: from now on. */
  readonly after?: string | null;
  /** The schema's EventFilter. */
  readonly filter?: { readonly [name: string]: unknown } | null;
  /** The fields of each event, as GraphQL selects them. */
  readonly select?: string;
  /** Ends the following. */
  readonly signal?: AbortSignal;
  /** Told each time before it waits and asks again: why, and how long it waits. */
  readonly onInterruption?: (error: ClientError, waitMs: number) => void;
  /** Waits; of a test another one. */
  readonly pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** An event as it was selected, and its place in the log: following `after` it goes on right behind it. */
export interface Followed<Event> {
  readonly cursor: string;
  readonly event: Event;
}

/** What is selected of an event unless it is told. */
export interface EventFields {
  readonly type: string;
  readonly at: string;
  readonly recordedAt: string;
  readonly reason: string | null;
  readonly data: unknown;
  readonly key: { readonly id: string; readonly name: string } | null;
}

const SELECTION = 'type at recordedAt reason data key { id name }';

/** The gateway sends a comment every 12 s: after three of them that did not come nobody is there. */
const SILENCE_MAX_MS = 40_000;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Follows the event log: each event once, in order, none left out, over as many connections as it takes. What was cut off is
 * taken up again by Last-Event-ID, after 1 s, then twice as long each time up to 30 s, or when the gateway says.
 *
 * Ends when `signal` does. Throws ClientError for what waiting does not mend: REFUSED (CURSOR_EXPIRED, UNAUTHENTICATED, …) and
 * UNREADABLE.
 */
export async function* followEvents<Event = EventFields>(
  connection: Connection,
  following: Following = {},
): AsyncGenerator<Followed<Event>> {
  const { signal, onInterruption, pause = wait } = following;
  let place = following.after ?? null;
  let failureCount = 0;
  while (!hasEnded(signal)) {
    let interruption: ClientError;
    try {
      // Without a place of its own the next connection would begin later than this one did.
      place ??= await readHead(connection);
      for await (const followed of readOnce<Event>(connection, following, place)) {
        place = followed.cursor;
        failureCount = 0;
        yield followed;
      }
      interruption = new ClientError('UNAVAILABLE', 'The gateway ended the stream.', { retryAfterMs: 0 });
    } catch (error) {
      if (hasEnded(signal)) return;
      if (!(error instanceof ClientError) || !error.isPassing) throw error;
      interruption = error;
    }
    const backOffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failureCount);
    const waitMs = Math.max(interruption.retryAfterMs ?? 0, backOffMs);
    failureCount += 1;
    onInterruption?.(interruption, waitMs);
    await pause(waitMs, signal);
  }
}

/** Where the log has come to. */
async function readHead(connection: Connection): Promise<string> {
  return (await ask<{ readonly logCursor: string }>(connection, { query: 'query Head { logCursor }' })).logCursor;
}

/** One connection, until it ends. */
async function* readOnce<Event>(
  connection: Connection,
  { filter = null, select = SELECTION, signal }: Following,
  place: string,
): AsyncGenerator<Followed<Event>> {
  const query = `subscription Follow($after: Cursor, $filter: EventFilter) {
  events(after: $after, filter: $filter) { cursor ${select} }
}`;
  const silence = new AbortController();
  const giveUp = () => silence.abort(new Error(`nothing came for ${String(SILENCE_MAX_MS)} ms`));
  let timer = setTimeout(giveUp, SILENCE_MAX_MS);
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': place };
  const both = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
  try {
    const response = await post(connection, { query, variables: { after: place, filter } }, headers, both);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isStream || response.body === null) {
      await dataOf(connection, response);
      throw new ClientError('UNREADABLE', `${connection.url} answered a subscription without a stream.`);
    }
    for await (const told of readServerEvents(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE_MAX_MS);
      if (told?.event === 'complete') return;
      if (told !== null) yield read<Event>(connection, told, response);
    }
  } catch (error) {
    if (error instanceof ClientError || hasEnded(signal)) throw error;
    throw unreachable(connection, error);
  } finally {
    clearTimeout(timer);
    // Whoever stops reading leaves nothing open behind.
    silence.abort();
  }
}

function read<Event>({ url }: Connection, { data }: ServerEvent, response: Response): Followed<Event> {
  const answer = parseAnswer(data);
  if (answer?.errors !== undefined) throw readErrors(answer.errors, response);
  const { events } = (answer?.data ?? {}) as { readonly events?: (Event & { readonly cursor?: unknown }) | null };
  if (typeof events?.cursor === 'string') return { cursor: events.cursor, event: events };
  throw new ClientError('UNREADABLE', `${url} told an event that is none.`);
}

/** Asked anew each time: it changes while something is awaited. */
function hasEnded(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await pauseFor(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (!hasEnded(signal)) throw error;
  });
}
