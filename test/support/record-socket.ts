import { WebSocket, type ClientOptions } from 'ws';

/** Everything that a WebSocket was sent until it closed, and how it closed. */
export interface SocketTranscript {
  readonly messages: readonly string[];
  /** Null: it was not opened. */
  readonly code: number | null;
  readonly reason: string;
}

/**
 * Opens a WebSocket by hand, sends the first message as it is, the rest when that is answered, and closes it once `isEnough`
 * of what came.
 */
export async function recordSocket(
  url: string,
  messages: readonly (object | string)[],
  options: ClientOptions & { protocol?: string; isEnough?: (received: readonly string[]) => boolean } = {},
): Promise<SocketTranscript> {
  const { protocol = 'graphql-transport-ws', isEnough = (received) => received.length >= messages.length } = options;
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol, options);
  const received: string[] = [];
  const send = (some: typeof messages) => {
    for (const message of some) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  };
  socket.on('open', () => send(messages.slice(0, 1)));
  socket.on('message', (data) => {
    received.push(String(data));
    if (isEnough(received)) socket.close();
    else if (received.length === 1) send(messages.slice(1));
  });
  return await new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve({ messages: received, code, reason: String(reason) }));
    socket.on('error', (error) => resolve({ messages: received, code: null, reason: error.message }));
    socket.on('unexpected-response', (request, { statusCode, headers }) => {
      request.destroy();
      resolve({ messages: received, code: null, reason: `${statusCode} ${JSON.stringify(headers)}` });
    });
  });
}
