import { unavailable } from '../domain/request-error.ts';
import { isDatabaseError } from './database-errors.ts';

/**
 * Prisma's codes for a database that cannot be reached, a timeout of the pool or of a transaction, a lost connection,
 * or a conflict with another transaction.
 */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/**
 * PostgreSQL's classes 08 (connection exception), 53 (insufficient resources: a full disk, too many connections) and
 * 57P0x (shutdown, or a server that the gateway refuses); its codes 25P03 (idle transaction timeout), 40001
 * (serialization failure), 40P01 (deadlock), 25006 (the server has become a standby), 55P03 and 57014 (the operator's
 * lock and statement timeouts).
 */
const serverCodes = /^(08\w{3}|53\w{3}|57P0\d|57014|55P03|25006|25P03|40001|40P01)$/;

/**
 * Codes of Prisma and PostgreSQL for a transaction that failed because of locks, of a conflict with another one, or of
 * its own duration. The database is reachable.
 */
const contentionCodes = /^(P2028|P2034|40001|40P01|55P03|57014)$/;

/** Node's codes for a socket. They count only in errors of Prisma and of the database's own connections. */
const socketCodes = /^(ECONN\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN)$/;

/** Prisma's names for these failures, in errors of its database adapter. */
const adapterKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout']);

/**
 * Messages without a code: of pg, for a connection that was lost during a statement or could not be opened in time, and
 * of `withTimeout`.
 */
const driverMessages =
  /^(Connection terminated|Query read timeout|Client (was closed|has encountered a connection error)|The database did not respond within|timeout (expired|exceeded when trying to connect))/;

/**
 * Returns whether an error means that the database is unavailable for now, so that the same request may succeed later.
 */
export function isUnavailable(error: unknown): boolean {
  for (const cause of listCauses(error)) {
    const { code, originalCode, kind, name, message } = cause;
    if (name === 'PrismaClientInitializationError') return true;
    if (typeof kind === 'string' && adapterKinds.has(kind)) return true;
    if (typeof code === 'string' && (prismaCodes.has(code) || serverCodes.test(code))) return true;
    const isOurs = isDatabaseError(cause) || (typeof name === 'string' && name.startsWith('PrismaClient'));
    if (isOurs && typeof code === 'string' && socketCodes.test(code)) return true;
    if (typeof message === 'string' && driverMessages.test(message)) return true;
    if (typeof originalCode === 'string' && serverCodes.test(originalCode)) return true;
  }
  return false;
}

/**
 * Returns whether an error means that a transaction met other transactions (a deadlock, a lock timeout) or took too long.
 * The parts of a transaction may succeed one by one.
 */
export function isContention(error: unknown): boolean {
  return listCauses(error).some(({ code, originalCode }) =>
    [code, originalCode].some((each) => typeof each === 'string' && contentionCodes.test(each)),
  );
}

/** Returns an error and its causes, also those in which Prisma keeps the errors of its database adapter. */
function listCauses(error: unknown): readonly Record<string, unknown>[] {
  const causes: Record<string, unknown>[] = [];
  let next = error;
  while (typeof next === 'object' && next !== null && causes.length < 5) {
    const cause = next as Record<string, unknown>;
    causes.push(cause);
    const { meta } = cause as { readonly meta?: { readonly driverAdapterError?: unknown } };
    next = cause['cause'] ?? meta?.driverAdapterError;
  }
  return causes;
}

/**
 * Returns the error for a request that failed: UNAVAILABLE if the same request may succeed later, else the error
 * itself.
 */
export function toRequestError(error: unknown): unknown {
  return isUnavailable(error) ? unavailable('The database is unavailable. Try again.') : error;
}
