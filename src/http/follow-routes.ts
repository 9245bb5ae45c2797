import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../accounts/authenticate.ts';
import type { Authentication } from '../accounts/authentication.ts';
import type { Caller, KeyCaller } from '../domain/caller.ts';
import { HOUR_MS } from '../domain/duration.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden, unauthenticated } from '../domain/request-error.ts';
import { decodeFollowCursor } from '../keys/follow/follow-cursor.ts';
import type { LineReader } from '../keys/follow/read-lines.ts';
import { Snapshots } from '../keys/follow/read-snapshot.ts';
import { checkFollowPosition, streamChanges, type FollowingCore } from '../keys/follow/stream-changes.ts';
import { recordCallerUse } from '../keys/record-caller-use.ts';
import type { Cancel } from '../store/clock.ts';
import type { HttpExchange, HttpHandler } from './http-exchange.ts';
import type { Route } from './find-route.ts';

/** How long a reader may accept nothing before its connection is cut. */
const STALLED_MS = 30_000;

const MEDIA_TYPE = 'application/x-ndjson; charset=utf-8';

export type FollowServices = FollowingCore &
  Parameters<typeof authenticate>[0] & {
    /** Counts the open streams of an address and a caller. Throws RATE_LIMITED at a limit. */
    readonly openCounts: {
      countSubscription(who: { readonly address: string; readonly caller: Caller }): Cancel;
    };
  };

/**
 * Returns the routes GET /snapshot and GET /log, from which verifiers in other processes know what the gateway knows. Both
 * send lines of JSON (`FollowLine`) about the realm of the calling key, which needs the scope keytide:follow.
 */
export function followRoutes(services: FollowServices): [string, Route][] {
  const snapshots = new Snapshots(services);
  return [
    ['/snapshot', { methods: ['GET'], handle: handleSnapshot(services, snapshots) }],
    ['/log', { methods: ['GET'], handle: handleLog(services) }],
  ];
}

function handleSnapshot(services: FollowServices, snapshots: Snapshots): HttpHandler {
  return async (request, response, exchange) => {
    const { caller } = await authenticateFollower(services, request, exchange);
    if (request.method === 'HEAD') return sendHead(response);
    const send = async (lines: readonly string[]) => {
      if (!response.headersSent) sendHead(response);
      await writeLines(response, lines);
    };
    await snapshots.read(toReader(caller, request), send).catch((error: unknown) => throwIfOpen(response, error));
    response.end();
  };
}

function handleLog(services: FollowServices): HttpHandler {
  return async (request, response, exchange) => {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const { caller, authentication } = await authenticateFollower(services, request, exchange);
    const after = decodeFollowCursor(readAfter(request));
    await checkFollowPosition(services, after);
    if (closed.signal.aborted) return;
    if (request.method === 'HEAD') return sendHead(response);
    const { address } = exchange;
    const stopCounting = services.openCounts.countSubscription({ address, caller });
    try {
      sendHead(response);
      response.flushHeaders();
      const check = createCheck(services, authentication);
      const options = { ...toReader(caller, request), after, signal: closed.signal, check };
      for await (const lines of streamChanges(services, options)) await writeLines(response, lines);
      response.end();
    } catch (error) {
      throwIfOpen(response, error);
    } finally {
      stopCounting();
    }
  };
}

/** Authenticates a key that may follow its realm. Throws UNAUTHENTICATED or FORBIDDEN for any other caller. */
export async function authenticateFollower(
  services: FollowServices,
  request: IncomingMessage,
  { address }: HttpExchange,
): Promise<{ readonly caller: KeyCaller; readonly authentication: Authentication }> {
  const authentication = await authenticate(services, request.headers.authorization ?? null, address);
  const { caller } = authentication;
  if (caller.kind === 'ANONYMOUS') {
    throw unauthenticated('Send Authorization: Bearer <secret of a key with the scope keytide:follow>.');
  }
  if (caller.kind !== 'KEY') throw forbidden('Only keys with the scope keytide:follow may follow a realm.');
  requireFollower(caller);
  recordCallerUse(services.uses, caller, services.clock.now());
  return { caller, authentication };
}

/** Returns the check, at each turn of a stream, that its key still works and may follow. An open stream is use. */
function createCheck(services: FollowServices, authentication: Authentication): () => Promise<void> {
  let recordedAtMs = services.clock.now().getTime();
  return async () => {
    const { caller } = await authentication.reauthenticate();
    requireFollower(caller);
    const now = services.clock.now();
    if (now.getTime() - recordedAtMs < HOUR_MS) return;
    recordedAtMs = now.getTime();
    recordCallerUse(services.uses, caller, now);
  };
}

function requireFollower(caller: Caller): asserts caller is KeyCaller {
  if (caller.kind === 'KEY' && may(caller, 'key.follow', { realmId: caller.realmId })) return;
  throw forbidden('Only keys with the scope keytide:follow may follow a realm.');
}

/** Returns the reader for a caller, which names what it evaluates: `evaluates=restrictions`, `evaluates=brownouts`. */
function toReader({ realmId }: KeyCaller, request: IncomingMessage): LineReader {
  const evaluated = queryOf(request).getAll('evaluates');
  return {
    realmId,
    evaluatesRestrictions: evaluated.includes('restrictions'),
    evaluatesBrownouts: evaluated.includes('brownouts'),
  };
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?').slice(1).join('?'));
}

function readAfter(request: IncomingMessage): string {
  const given = queryOf(request).getAll('after');
  const [after] = given;
  if (after !== undefined && given.length === 1) return after;
  throw badUserInput(`after: found ${given.length}; expected one cursor, of a head line of /snapshot or /log.`);
}

function sendHead(response: ServerResponse): void {
  // Proxies must pass the lines on as they come.
  response.writeHead(200, { 'Content-Type': MEDIA_TYPE, 'X-Accel-Buffering': 'no' });
  if (response.req.method === 'HEAD') response.end();
}

/** A reader that has gone is not a failure: the error is thrown only if the connection is open. */
function throwIfOpen(response: ServerResponse, error: unknown): void {
  if (!response.destroyed) throw error;
}

/** Writes lines, and waits until the reader has accepted most of them. Cuts the connection of one that accepts none for 30 s. */
async function writeLines(response: ServerResponse, lines: readonly string[]): Promise<void> {
  if (response.destroyed) throw new Error('the reader has gone');
  if (response.write(`${lines.join('\n')}\n`)) return;
  const ended = new AbortController();
  const end = () => ended.abort();
  response.once('close', end);
  const timer = setTimeout(end, STALLED_MS);
  try {
    await once(response, 'drain', { signal: ended.signal });
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    response.off('close', end);
  }
}
