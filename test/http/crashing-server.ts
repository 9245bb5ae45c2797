// A server whose route /crash ends the process by an uncaught exception. Its log goes to standard output.
import { TrustedProxies } from '../../src/http/client-address.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { listen } from '../../src/http/listen.ts';
import { LoadLimit } from '../../src/http/load-limit.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { RequestLog } from '../../src/http/request-log.ts';
import { sendJson } from '../../src/http/responses.ts';
import { logCrashes } from '../../src/logging/log-crashes.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { systemRandom } from '../../src/store/random.ts';
import { ManualClock } from '../support/clock.ts';

const write = (lines: string) => process.stdout.write(lines);
const logger = createLogger({ level: 'info', format: 'json', isTerminal: false, isColored: false, write });
logCrashes(logger);
const server = createHttpServer({
  routes: new Map([
    ['/ok', { handle: (_request, response) => sendJson(response, 200, {}) }],
    [
      '/crash',
      {
        handle: (_request, response) => {
          // As soon as this response has closed, in the turn of its log line.
          response.once('close', () => {
            throw new Error('broken outside of any request');
          });
          sendJson(response, 200, {});
        },
      },
    ],
  ]),
  logger,
  metrics: new Metrics(),
  proxies: new TrustedProxies([]),
  random: systemRandom,
  log: new RequestLog({ logger, linesPerSecond: null, clock: new ManualClock() }),
  load: new LoadLimit(100),
});
const port = await listen(server, '127.0.0.1', 0);
process.send?.(port);
