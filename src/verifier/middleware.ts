import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { VerifiedKey, Verifier, VerifierAnswer } from './verifier.ts';

/** What a request is for. */
export interface RequestPurpose {
  readonly action?: string;
  readonly resource?: string;
  /** Where the secret was seen: a repository, a host. */
  readonly consumer?: string;
  /**
   * The IP address of the client. Default: what Express and Fastify give as `request.ip`, else the address of the connection, which
   * behind a proxy is the proxy’s: return there what the proxy reports.
   */
  readonly address?: string;
}

/** Returns what a request of a framework is for. Default: nothing is named, and scopes are not checked. */
export type ReadPurpose<Request> = (request: Request) => RequestPurpose;

/** A response to a request that is refused. */
export interface Refusal {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** Problem details (RFC 9457). */
  readonly body: string;
}

const statuses: Readonly<Record<VerifierAnswer['outcome'], number>> = {
  VALID: 200,
  KEY_UNKNOWN: 401,
  KEY_REVOKED: 401,
  SECRET_RETIRED: 401,
  KEY_EXPIRED: 401,
  KEY_HELD: 403,
  NOT_YET_VALID: 403,
  ADDRESS_NOT_ALLOWED: 403,
  BROWNOUT: 403,
  SCOPE_MISSING: 403,
  ACTION_UNKNOWN: 500,
  UNAVAILABLE: 503,
};

const titles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/**
 * Verifies the secret in an Authorization header (Bearer, RFC 6750). Returns the answer if it is VALID, else the response that
 * refuses the request.
 */
export async function checkAuthorization(
  verifier: Pick<Verifier, 'verify'>,
  authorization: string | undefined,
  purpose: RequestPurpose = {},
): Promise<VerifierAnswer | Refusal> {
  const [, secret] = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '') ?? [];
  if (secret === undefined) {
    return refuse(401, { 'WWW-Authenticate': 'Bearer' }, 'Send Authorization: Bearer <secret of a key>.');
  }
  const answer = await verifier.verify({ secret, ...purpose });
  return answer.outcome === 'VALID' ? answer : toRefusal(answer);
}

/** A handler of Express, and of others that take the requests of node:http and `next`. `request.keytide` is the answer. */
export function expressGuard<Request extends { readonly headers: IncomingHttpHeaders; keytide?: VerifierAnswer }>(
  verifier: Pick<Verifier, 'verify'>,
  readPurpose: ReadPurpose<Request> = () => ({}),
): (request: Request, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const serve = async () => {
      try {
        const answer = await checkRequest(verifier, request, readPurpose);
        if ('status' in answer) return sendRefusal(response, answer);
        request.keytide = answer;
      } catch (error) {
        return next(error);
      }
      next();
    };
    void serve();
  };
}

/** A hook for Fastify's `onRequest` or `preHandler`. `request.keytide` is the answer. */
export function fastifyGuard<Request extends { readonly headers: IncomingHttpHeaders; keytide?: VerifierAnswer }>(
  verifier: Pick<Verifier, 'verify'>,
  readPurpose: ReadPurpose<Request> = () => ({}),
): (request: Request, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const answer = await checkRequest(verifier, request, readPurpose);
    if ('status' in answer) return reply.code(answer.status).headers(answer.headers).send(answer.body);
    request.keytide = answer;
    return undefined;
  };
}

/** The part of Fastify's reply that the guard uses. */
interface FastifyReply {
  code(status: number): FastifyReply;
  headers(values: { readonly [name: string]: string }): FastifyReply;
  send(body: string): unknown;
}

/** A middleware of Hono. `c.get('keytide')` is the answer. */
export function honoGuard<Context extends HonoContext>(
  verifier: Pick<Verifier, 'verify'>,
  readPurpose: ReadPurpose<Context> = () => ({}),
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const purpose = { ...addressOf(incomingOf(context)), ...readPurpose(context) };
    const answer = await checkAuthorization(verifier, context.req.header('authorization'), purpose);
    if ('status' in answer) return new Response(answer.body, answer);
    context.set('keytide', answer);
    await next();
    return undefined;
  };
}

function incomingOf({ env }: HonoContext): unknown {
  return typeof env === 'object' && env !== null && 'incoming' in env ? env.incoming : undefined;
}

/** The part of Hono's context that the guard uses. */
interface HonoContext {
  /** With @hono/node-server, the request of node:http. */
  readonly env?: unknown;
  readonly req: { header(name: string): string | undefined };
  set(name: 'keytide', value: VerifierAnswer): void;
}

/**
 * For node:http: returns the key of a request that may be served. Null: the request was refused, and its response is sent.
 */
export function nodeGuard(
  verifier: Pick<Verifier, 'verify'>,
  readPurpose: ReadPurpose<IncomingMessage> = () => ({}),
): (request: IncomingMessage, response: ServerResponse) => Promise<VerifiedKey | null> {
  return async (request, response) => {
    const answer = await checkRequest(verifier, request, readPurpose);
    if (!('status' in answer)) return answer.key;
    sendRefusal(response, answer);
    return null;
  };
}

async function checkRequest<Request extends { readonly headers: IncomingHttpHeaders }>(
  verifier: Pick<Verifier, 'verify'>,
  request: Request,
  readPurpose: ReadPurpose<Request>,
): Promise<VerifierAnswer | Refusal> {
  const purpose = { ...addressOf(request), ...readPurpose(request) };
  return checkAuthorization(verifier, request.headers.authorization, purpose);
}

/**
 * Returns the address of the client: as Express and Fastify know it, by their own settings for proxies, else that of the connection.
 * Nothing: it is unknown.
 */
function addressOf(request: unknown): { readonly address?: string } {
  const { ip, socket } = (request ?? {}) as { readonly ip?: unknown; readonly socket?: Pick<Socket, 'remoteAddress'> };
  const address = typeof ip === 'string' ? ip : socket?.remoteAddress;
  return address === undefined || isIP(address) === 0 ? {} : { address };
}

function toRefusal({ outcome, message, brownoutEndsAt }: VerifierAnswer): Refusal {
  const status = statuses[outcome];
  if (status === 401) return refuse(status, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }, message);
  if (outcome === 'SCOPE_MISSING') {
    return refuse(status, { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }, message);
  }
  if (brownoutEndsAt !== null) return refuse(status, { 'Retry-After': brownoutEndsAt.toUTCString() }, message);
  return refuse(status, status === 503 ? { 'Retry-After': '1' } : {}, message);
}

function refuse(status: number, headers: Refusal['headers'], detail: string): Refusal {
  const body = JSON.stringify({ title: titles[status], status, detail });
  return { status, headers: { ...headers, 'Content-Type': 'application/problem+json' }, body };
}

function sendRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  response.writeHead(status, headers);
  response.end(body);
}
