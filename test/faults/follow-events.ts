import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { decodeCursor } from '../../src/log/cursor.ts';
import type { Draw } from '../support/seeded-random.ts';
import type { Entry } from './history.ts';
import type { FaultyNode } from './nodes.ts';

const EVENTS = 'subscription ($after: Cursor) { events(after: $after) { id cursor type key { id } } }';

/** A connection that has not answered a ping for so long is given up. */
const SILENT_MS = 1_500;
const PING_EVERY_MS = 500;

const AGAIN_MS = 50;

export interface FollowOptions {
  readonly number: number;
  readonly nodes: readonly FaultyNode[];
  readonly token: string;
  readonly draw: Draw;
  readonly entries: Entry[];
  /** The cursor to begin with. */
  readonly after: string;
  readonly signal: AbortSignal;
}

/** Follows all events until the signal aborts; cut off, it comes again to any node with the cursor that it had last. */
export async function followEvents({
  number,
  nodes,
  token,
  draw,
  entries,
  after,
  signal,
}: FollowOptions): Promise<void> {
  let cursor = after;
  while (!signal.aborted) {
    entries.push({ kind: 'SUBSCRIBED', subscriber: number, after: Number(decodeCursor(cursor)) });
    await listenOnce(draw.pick(nodes), token, cursor, signal, ({ id, type, cursor: next }) => {
      cursor = next;
      entries.push({ kind: 'TOLD', subscriber: number, position: Number(decodeCursor(next)), id, type });
    });
    await pause(AGAIN_MS);
  }
}

interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly cursor: string;
}

/** Resolves when the subscription has come to an end, however. */
async function listenOnce(
  { url }: FaultyNode,
  token: string,
  after: string,
  signal: AbortSignal,
  onEvent: (event: SentEvent) => void,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  let silence: NodeJS.Timeout | undefined;
  let socket: WebSocket | null = null;
  const giveUp = () => {
    socket?.terminate();
    over.resolve();
  };
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionAckWaitTimeout: SILENT_MS,
    connectionParams: { authorization: `Bearer ${token}` },
    keepAlive: PING_EVERY_MS,
    on: {
      opened: (opened) => (socket = opened as WebSocket),
      ping: (wasReceived) => {
        if (!wasReceived) silence ??= setTimeout(giveUp, SILENT_MS);
      },
      pong: () => {
        clearTimeout(silence);
        silence = undefined;
      },
    },
  });
  const open = setTimeout(() => socket === null && giveUp(), SILENT_MS);
  signal.addEventListener('abort', giveUp);
  client.subscribe<{ events: SentEvent }>(
    { query: EVENTS, variables: { after } },
    {
      next: ({ data, errors }) => {
        if (errors === undefined && data != null) onEvent(data.events);
        else over.resolve();
      },
      error: () => over.resolve(),
      complete: () => over.resolve(),
    },
  );
  await over.promise;
  signal.removeEventListener('abort', giveUp);
  clearTimeout(silence);
  clearTimeout(open);
  giveUp();
  // A connection that was still being opened is told as lost by this, too.
  await Promise.resolve(client.dispose()).catch(() => undefined);
}
