import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request that a provider received. */
export interface ProviderRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: any;
}

/** A response of a provider; without `body` it is empty. */
export interface ProviderReply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
}

/** A provider's API on a port of its own, closed at the end of the test. */
export interface ProviderServer {
  readonly url: string;
  /** All requests, oldest first. */
  readonly requests: ProviderRequest[];
  /** Answers the next request with this reply instead of the regular one. */
  next(reply: ProviderReply): void;
  /**
   * Answers each request from now on with the disturbance's reply. The disturbance decides whether to carry the request
   * out.
   */
  disturb(disturbance: (carryOut: () => ProviderReply) => ProviderReply): void;
}

export async function startProvider(answer: (request: ProviderRequest) => ProviderReply): Promise<ProviderServer> {
  const requests: ProviderRequest[] = [];
  const queue: ProviderReply[] = [];
  let disturbed = (carryOut: () => ProviderReply): ProviderReply => carryOut();
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '', 'http://provider.test');
    const raw = await text(incoming);
    const request = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: raw === '' ? null : JSON.parse(raw),
    };
    requests.push(request);
    const { status, headers = {}, body } = queue.shift() ?? disturbed(() => answer(request));
    outgoing.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    outgoing.end(body === undefined ? '' : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    next: (reply) => void queue.push(reply),
    disturb: (disturbance) => void (disturbed = disturbance),
  };
}
