import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as a receiver of webhooks sees it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, any> };
}

/** How a receiver answers a request; by default with 204. */
export type ResponseHandler = (response: ServerResponse, request: ReceivedRequest) => void;

/** A real HTTP server on 127.0.0.1 that receives webhooks. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** The requests so far, oldest first. */
  readonly received: ReceivedRequest[];
  /** Returns the number of connections so far. */
  connectionCount(): number;
  /** Sets the handler or the status of the responses from now on. */
  respondWith(answering: ResponseHandler | number): void;
  close(): Promise<void>;
}

type Make = (listener: RequestListener) => Server;

/** Starts a receiver, which stops after the test. */
export async function openReceiver(make: Make = createServer): Promise<Receiver> {
  const received: ReceivedRequest[] = [];
  let answering: ResponseHandler = (response) => response.writeHead(204).end();
  let connections = 0;
  const server = make((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text) as ReceivedRequest['body'],
      };
      received.push(one);
      answering(response, one);
    });
  });
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    connectionCount: () => connections,
    respondWith(next) {
      answering = typeof next === 'number' ? (response) => response.writeHead(next).end() : next;
    },
    close,
  };
}
