import { unavailable } from '../domain/request-error.ts';

/**
 * Prisma's codes for a database that cannot be reached, a pool or transaction that waited too long, a lost connection, or a
 * conflict with another transaction.
 */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/**
 * PostgreSQL's classes 08 (connection exception), 53 (insufficient resources: a full disk, too many connections) and 57P0x
 * (shutdown), its 25P03 (a transaction that was left lying), 40001 and 40P01 (one that was ended for another's sake), 25006
 * (it has become a standby), 55P03 and 57014 (limits that its operator set on waiting and on statements), and Node's own
 * codes.
 */
const lowerCodes =
  /^(08\w{3}|53\w{3}|57P0\d|57014|55P03|25006|25P03|40001|40P01|ECONN\w+|ETIMEDOUT|EPIPE|ENOENT|ENOTFOUND)$/;

/** What pg says, without a code, of a connection that was lost under a statement or could not be had in time. */
const lowerMessages =
  /^(Connection terminated|Query read timeout|Client (was closed|has encountered a connection error)|timeout (expired|exceeded when trying to connect))/;

/** Whether an error says that the database cannot do it for the moment, so that the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  for (let cause = error, depth = 0; typeof cause === 'object' && cause !== null && depth < 5; depth += 1) {
    const { code, originalCode, kind, name, message, cause: next, meta } = cause as Record<string, unknown>;
    if (name === 'PrismaClientInitializationError' || kind === 'DatabaseNotReachable' || kind === 'ConnectionClosed')
      return true;
    if (typeof code === 'string' && (prismaCodes.has(code) || lowerCodes.test(code))) return true;
    if (typeof message === 'string' && lowerMessages.test(message)) return true;
    if (typeof originalCode === 'string' && lowerCodes.test(originalCode)) return true;
    cause = next ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  return false;
}

/** What a request is told that an error has stopped: UNAVAILABLE where the same may succeed later, else the error itself. */
export function toRequestError(error: unknown): unknown {
  return isUnavailable(error) ? unavailable('The database cannot be reached right now. Ask again.') : error;
}
