import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Gateway } from './gateway.ts';

/** A socket with no client library over it: messages are sent by hand. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** Sends a message, or text as it is. */
  send(message: object | string): void;
  /** The next message that has not been taken yet. */
  next(): Promise<any>;
  /** Every message that came. */
  readonly messages: any[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface RawSocketOptions {
  readonly path?: string;
  readonly protocols?: string[];
  readonly headers?: Record<string, string>;
}

/** Opens a socket; it is cut when the test has ended. */
export async function rawSocket(gateway: Pick<Gateway, 'url'>, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { path = '/graphql', protocols = ['graphql-transport-ws'], headers = {} } = options;
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, protocols, { headers });
  onTestFinished(() => socket.terminate());
  const messages: any[] = [];
  const arrivals: (() => void)[] = [];
  let taken = 0;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    for (const arrive of arrivals.splice(0)) arrive();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      for (const arrive of arrivals.splice(0)) arrive();
    });
  });
  await once(socket, 'open');
  return {
    socket,
    messages,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next() {
      while (taken >= messages.length) {
        if (socket.readyState === WebSocket.CLOSED) throw new Error('the socket closed before the next message');
        await new Promise<void>((resolve) => arrivals.push(resolve));
      }
      return messages[taken++];
    },
  };
}

/** The same after a connection was opened with that credential, as connectionParams.authorization. */
export async function openRawSocket(
  gateway: Pick<Gateway, 'url'>,
  credential: string,
  options: RawSocketOptions = {},
): Promise<RawSocket> {
  const raw = await rawSocket(gateway, options);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${credential}` } });
  const { type } = await raw.next();
  if (type !== 'connection_ack') throw new Error(`found ${type}`);
  return raw;
}

/** The status of an upgrade that is refused. */
export async function refusedUpgrade(gateway: Pick<Gateway, 'url'>, options: RawSocketOptions = {}): Promise<number> {
  const { path = '/graphql', protocols = ['graphql-transport-ws'], headers = {} } = options;
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, protocols, { headers });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  return response.statusCode as number;
}
