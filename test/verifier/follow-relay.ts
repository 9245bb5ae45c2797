import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FollowLine } from '../../src/verifier/follow-lines.ts';

/** Changes what passes the relay. Each verifier has its own, because it may remember what has passed. */
export interface RelayFault {
  /** Returns the lines that are passed on in place of a line of /snapshot or /log. */
  readonly lines?: (line: FollowLine, path: '/snapshot' | '/log') => readonly FollowLine[];
  /** Whether a verifier that connects again misses what has changed meanwhile. */
  readonly skipsMissedChanges?: boolean;
}

/**
 * Stands between a verifier and gateways, like a load balancer: its connections can be cut, its streams can stall, and the
 * next connection can go to another gateway.
 */
export class FollowRelay {
  readonly #server: Server;
  readonly #gateways: readonly string[];
  readonly #fault: RelayFault;
  readonly #streams = new Set<AbortController>();
  #target = 0;
  #isCut = false;
  #stall: PromiseWithResolvers<void> | null = null;

  private constructor(server: Server, gateways: readonly string[], fault: RelayFault) {
    this.#server = server;
    this.#gateways = gateways;
    this.#fault = fault;
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(gateways: readonly string[], fault: RelayFault): Promise<FollowRelay> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FollowRelay(server, gateways, fault);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Whether nothing passes. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether lines wait. */
  get isStalled(): boolean {
    return this.#stall !== null;
  }

  /** Cuts all connections, and refuses further ones. */
  cut(): void {
    this.#isCut = true;
    this.#cutStreams();
  }

  /** Holds the lines back; the connections stay open. */
  stall(): void {
    this.#stall ??= Promise.withResolvers();
  }

  /** Lets everything pass again. */
  mend(): void {
    this.#isCut = false;
    this.#stall?.resolve();
    this.#stall = null;
  }

  /** Sends further connections to the next gateway, and cuts the present ones. */
  switchGateway(): void {
    this.#target = (this.#target + 1) % this.#gateways.length;
    this.#cutStreams();
  }

  async close(): Promise<void> {
    this.cut();
    this.mend();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #cutStreams(): void {
    for (const stream of this.#streams) stream.abort();
    if (this.#isCut) this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#isCut) return void request.socket.destroy();
    const body = Buffer.concat(await request.toArray());
    const { method = '', url = '', headers } = request;
    const authorization = headers.authorization ?? '';
    if (method === 'POST') {
      const type = { Authorization: authorization, 'Content-Type': 'application/json' };
      const answer = await fetch(`${this.#gateway}${url}`, { method, headers: type, body });
      const text = await answer.text();
      if (this.#isCut) return void request.socket.destroy();
      return void response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(text);
    }
    await this.#stream(url, authorization, response);
  }

  async #stream(url: string, authorization: string, response: ServerResponse): Promise<void> {
    const stream = new AbortController();
    this.#streams.add(stream);
    const end = () => stream.abort();
    response.once('close', end);
    const path = url.startsWith('/log') ? '/log' : '/snapshot';
    try {
      const answer = await fetch(`${this.#gateway}${await this.#place(url, authorization)}`, {
        headers: { Authorization: authorization },
        signal: stream.signal,
      });
      response.writeHead(answer.status, { 'Content-Type': 'application/x-ndjson' });
      response.flushHeaders();
      for await (const line of readTextLines(answer)) {
        await this.#stall?.promise;
        if (stream.signal.aborted) break;
        const passed = this.#fault.lines?.(JSON.parse(line) as FollowLine, path) ?? [JSON.parse(line)];
        for (const one of passed) response.write(`${JSON.stringify(one)}\n`);
      }
      response.end();
    } finally {
      this.#streams.delete(stream);
      if (stream.signal.aborted) response.destroy();
    }
  }

  /** Returns where a verifier continues. */
  async #place(url: string, authorization: string): Promise<string> {
    if (this.#fault.skipsMissedChanges !== true || !url.startsWith('/log')) return url;
    const snapshot = await fetch(`${this.#gateway}/snapshot`, { headers: { Authorization: authorization } });
    const last = (await snapshot.text()).trim().split('\n').at(-1) ?? '{}';
    return url.replace(/after=[^&]*/, `after=${(JSON.parse(last) as FollowLine).head?.cursor ?? ''}`);
  }

  get #gateway(): string {
    return this.#gateways[this.#target] ?? '';
  }
}

async function* readTextLines({ body }: Response): AsyncGenerator<string, void> {
  let rest = '';
  for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text as string}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
