import type { Server } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Subnet } from '../../src/http/client-address.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { listen } from '../../src/http/listen.ts';
import { Metrics } from '../../src/http/metrics.ts';
import type { Route } from '../../src/http/find-route.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { LoadLimit } from '../../src/http/load-limit.ts';
import { RequestLog } from '../../src/http/request-log.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { systemRandom } from '../../src/store/random.ts';
import { ManualClock } from './clock.ts';

export interface RunningServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly metrics: Metrics;
  /** The log entries so far, parsed. */
  readonly entries: Record<string, unknown>[];
}

/** The real server with those routes, on a port of its own, gone when the test has ended. */
export async function startServer(
  routes: Readonly<Record<string, Route>>,
  {
    proxies = [] as readonly Subnet[],
    requestsInProgress = 1_000,
    requestLinesPerSecond = null as number | null,
    clock = new ManualClock(),
  } = {},
): Promise<RunningServer> {
  const entries: Record<string, unknown>[] = [];
  const metrics = new Metrics();
  const write = (lines: string) => {
    for (const line of lines.trimEnd().split('\n')) entries.push(JSON.parse(line) as Record<string, unknown>);
  };
  const logger = createLogger({ level: 'trace', format: 'json', isTerminal: false, isColored: false, write });
  const server = createHttpServer({
    routes: new Map(Object.entries(routes)),
    logger,
    metrics,
    proxies: new TrustedProxies(proxies),
    random: systemRandom,
    log: new RequestLog({ logger, linesPerSecond: requestLinesPerSecond, clock }),
    load: new LoadLimit(requestsInProgress),
  });
  const port = await listen(server, '127.0.0.1', 0);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port, url: `http://127.0.0.1:${port}`, metrics, entries };
}

/** Sends bytes as they are and gives back all that comes until the server closes the connection. */
export function sendBytes(port: number, ...pieces: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    // What was received before a reset counts.
    socket.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' && reject(error));
  });
}
