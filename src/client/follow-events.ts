import { setTimeout as pauseFor } from 'node:timers/promises';
import { sendOperation, readData, parseGraphqlResponse } from './send-operation.ts';
import { ClientError } from './client-error.ts';
import { postOperation, unreachableGateway, type Connection } from './connection.ts';
import { toClientError } from './to-client-error.ts';
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

const DEFAULT_SELECTION = 'type at recordedAt reason data key { id name }';

/** The gateway sends a comment every 12 s: after three of them that did not come nobody is there. */
const SILENCE_MAX_MS = 40_000;

const BACK_OFF_MIN_MS = 1_000;
const BACK_OFF_MAX_MS = 30_000;

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
  const { signal, onInterruption, pause = pauseUnlessAborted } = following;
  let place = following.after ?? null;
  let failureCount = 0;
  while (!isAborted(signal)) {
    let interruption: ClientError;
    try {
      // Without a place of its own the next connection would begin later than this one did.
      place ??= await readLogCursor(connection);
      for await (const followed of readStream<Event>(connection, following, place)) {
        place = followed.cursor;
        failureCount = 0;
        yield followed;
      }
      interruption = new ClientError('UNAVAILABLE', 'The gateway ended the stream.', { retryAfterMs: 0 });
    } catch (error) {
      if (isAborted(signal)) return;
      if (!(error instanceof ClientError) || !error.isPassing) throw error;
      interruption = error;
    }
    const backOffMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** failureCount);
    const waitMs = Math.max(interruption.retryAfterMs ?? 0, backOffMs);
    failureCount += 1;
    onInterruption?.(interruption, waitMs);
    await pause(waitMs, signal);
  }
}

/** Where the log has come to. */
async function readLogCursor(connection: Connection): Promise<string> {
  return (await sendOperation<{ readonly logCursor: string }>(connection, { query: 'query Head { logCursor }' }))
    .logCursor;
}

/** One connection, until it ends. */
async function* readStream<Event>(
  connection: Connection,
  { filter = null, select = DEFAULT_SELECTION, signal }: Following,
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
    const response = await postOperation(connection, { query, variables: { after: place, filter } }, headers, both);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isStream || response.body === null) {
      await readData(connection, response);
      throw new ClientError('UNREADABLE', `${connection.url} answered a subscription without a stream.`);
    }
    for await (const told of readServerEvents(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE_MAX_MS);
      if (told?.event === 'complete') return;
      if (told !== null) yield parseEvent<Event>(connection, told, response);
    }
  } catch (error) {
    if (error instanceof ClientError || isAborted(signal)) throw error;
    throw unreachableGateway(connection, error);
  } finally {
    clearTimeout(timer);
    // Whoever stops reading leaves nothing open behind.
    silence.abort();
  }
}

function parseEvent<Event>({ url }: Connection, { data }: ServerEvent, response: Response): Followed<Event> {
  const answer = parseGraphqlResponse(data);
  if (answer?.errors !== undefined) throw toClientError(answer.errors, response);
  const { events } = (answer?.data ?? {}) as { readonly events?: (Event & { readonly cursor?: unknown }) | null };
  if (typeof events?.cursor === 'string') return { cursor: events.cursor, event: events };
  throw new ClientError('UNREADABLE', `${url} told an event that is none.`);
}

/** Asked anew each time: it changes while something is awaited. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function pauseUnlessAborted(ms: number, signal?: AbortSignal): Promise<void> {
  await pauseFor(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (!isAborted(signal)) throw error;
  });
}
