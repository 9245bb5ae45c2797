import type { Logger } from 'pino';
import { sinkOf } from './logger.ts';

/**
 * Logs an uncaught exception, redacted, and ends the process with status 1. However the process exits, the entries that
 * wait for the end of the turn are written.
 */
export function logCrashes(logger: Logger): void {
  process.on('exit', () => sinkOf(logger).flush());
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
}
