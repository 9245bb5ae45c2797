import { setTimeout as pauseFor } from 'node:timers/promises';
import { sendOperation, readData, parseGraphqlResponse } from './send-operation.ts';
import { ClientError } from './client-error.ts';
import { postOperation, unreachableGateway, type Connection } from './connection.ts';
import { toClientError } from './to-client-error.ts';
import { readServerEvents, type ServerEvent } from './read-server-events.ts';

/** Which events to follow, and from where. */
export interface Following {
  /** Follow the events after this cursor. Null: from now on. */
  readonly after?: string | null;
  /** The schema's EventFilter. */
  readonly filter?: { readonly [name: string]: unknown } | null;
  /** The fields of each event, as GraphQL selects them. */
  readonly select?: string;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Called before each reconnection, with the reason and the delay. */
  readonly onInterruption?: (error: ClientError, waitMs: number) => void;
  /** Replaces the delay in tests. */
  readonly pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** An event with the selected fields, and its cursor: pass it as `after` to continue behind this event. */
export interface Followed<Event> {
  readonly cursor: string;
  readonly event: Event;
}

/** The fields that are selected by default. */
export interface EventFields {
  readonly type: string;
  readonly at: string;
  readonly recordedAt: string;
  readonly reason: string | null;
  readonly data: unknown;
  readonly key: { readonly id: string; readonly name: string } | null;
}

const DEFAULT_SELECTION = 'type at recordedAt reason data key { id name }';

/** The gateway sends a comment every 12 s. After three missing comments the connection counts as lost. */
const SILENCE_MAX_MS = 40_000;

const BACK_OFF_MIN_MS = 1_000;
const BACK_OFF_MAX_MS = 30_000;

/**
 * Follows the event log across reconnections: each event once, in order, without gaps. Reconnects with Last-Event-ID
 * after 1 s, with exponential back-off up to 30 s, or after the delay that the gateway requests if that is longer.
 *
 * Ends when `signal` aborts. Throws ClientError for failures that a retry does not fix: REFUSED (CURSOR_EXPIRED,
 * UNAUTHENTICATED, …) and UNREADABLE.
 */
export async function* followEvents<Event = EventFields>(
  connection: Connection,
  options: Following = {},
): AsyncGenerator<Followed<Event>> {
  const { signal, onInterruption, pause = pauseUnlessAborted } = options;
  let cursor = options.after ?? null;
  let failureCount = 0;
  while (!isAborted(signal)) {
    let interruption: ClientError;
    try {
      // Read the start position first: otherwise a reconnection would start later than this connection and skip events.
      cursor ??= await readLogCursor(connection);
      for await (const item of readStream<Event>(connection, options, cursor)) {
        cursor = item.cursor;
        failureCount = 0;
        yield item;
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

/** Returns the current end of the log. */
async function readLogCursor(connection: Connection): Promise<string> {
  return (await sendOperation<{ readonly logCursor: string }>(connection, { query: 'query Head { logCursor }' }))
    .logCursor;
}

/** Reads events over one connection, until it ends. */
async function* readStream<Event>(
  connection: Connection,
  { filter = null, select = DEFAULT_SELECTION, signal }: Following,
  cursor: string,
): AsyncGenerator<Followed<Event>> {
  const query = `subscription Follow($after: Cursor, $filter: EventFilter) {
  events(after: $after, filter: $filter) { cursor ${select} }
}`;
  const silenceTimeout = new AbortController();
  const giveUp = () => silenceTimeout.abort(new Error(`nothing received for ${String(SILENCE_MAX_MS)} ms`));
  let timer = setTimeout(giveUp, SILENCE_MAX_MS);
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': cursor };
  const eitherSignal = signal === undefined ? silenceTimeout.signal : AbortSignal.any([silenceTimeout.signal, signal]);
  try {
    const response = await postOperation(
      connection,
      { query, variables: { after: cursor, filter } },
      headers,
      eitherSignal,
    );
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isStream || response.body === null) {
      await readData(connection, response);
      throw new ClientError('UNREADABLE', `${connection.url} returned no event stream for a subscription.`);
    }
    for await (const message of readServerEvents(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE_MAX_MS);
      if (message?.event === 'complete') return;
      if (message !== null) yield parseEvent<Event>(connection, message, response);
    }
  } catch (error) {
    if (error instanceof ClientError || isAborted(signal)) throw error;
    throw unreachableGateway(connection, error);
  } finally {
    clearTimeout(timer);
    // Closes the connection when the caller stops iterating.
    silenceTimeout.abort();
  }
}

function parseEvent<Event>({ url }: Connection, { data }: ServerEvent, response: Response): Followed<Event> {
  const result = parseGraphqlResponse(data);
  if (result?.errors !== undefined) throw toClientError(result.errors, response);
  const { events } = (result?.data ?? {}) as { readonly events?: (Event & { readonly cursor?: unknown }) | null };
  if (typeof events?.cursor === 'string') return { cursor: events.cursor, event: events };
  throw new ClientError('UNREADABLE', `${url} sent a malformed event.`);
}

/**
 * Whether a signal has aborted. A function, because TypeScript assumes that a checked property does not change later.
 */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function pauseUnlessAborted(ms: number, signal?: AbortSignal): Promise<void> {
  await pauseFor(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (!isAborted(signal)) throw error;
  });
}
