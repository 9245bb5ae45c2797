import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, type ExecutionResult } from 'graphql';
import { processRegularResult, type FetchAPI, type GraphQLParams } from 'graphql-yoga';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import { readAttachedBody } from '../http/request-body.ts';
import type { GraphqlServer } from './graphql-server.ts';

/** The media types of a response, in Yoga's order of preference: of those that a range admits, the last one is sent. */
const jsonTypes = ['application/graphql-response+json', 'application/json'] as const;

/** Yoga's plugins read no more of the request than its method. */
const postRequest = Object.freeze({ method: 'POST' }) as Request;

/** Receives the response that Yoga composes, in place of fetch's Response. */
class ComposedResponse {
  readonly body: string;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(body: string, { status, headers }: { status: number; headers: Record<string, string> }) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}

const composing = { Response: ComposedResponse } as unknown as FetchAPI;

/**
 * Returns the media type of the response to a POST of JSON to /graphql if the request is plain: it has no query, and
 * accepts JSON. Null: Yoga has to handle the request. The choice is Yoga's: the first range of Accept that matches a
 * type counts.
 */
export function plainPostType({ method, url, headers }: IncomingMessage): string | null {
  if (method !== 'POST' || url !== '/graphql') return null;
  const { accept = '' } = headers;
  if (accept === '' || accept === '*/*') return 'application/json';
  for (const range of accept.replaceAll(/\s/g, '').toLowerCase().split(',')) {
    const [wanted = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8';
    const type = charset === 'charset=utf-8' ? jsonTypes.findLast((type) => admits(wanted, type)) : undefined;
    if (type !== undefined) return type;
  }
  return null;
}

function admits(range: string, type: string): boolean {
  const [main, sub] = range.split('/');
  const [ownMain, ownSub] = type.split('/');
  return (main === '*' || main === ownMain) && (sub === '*' || sub === ownSub);
}

interface JsonPostOptions {
  readonly mask: (error: unknown) => GraphQLError;
  /** Handles a request through fetch's Request and Response. */
  readonly leaveToYoga: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
}

/**
 * Creates the handler of plain POSTs. It runs operations through the same plugins, executor and error masking as Yoga
 * does over fetch's Request and Response, and sends the same bytes, at a fraction of the cost. An operation that needs
 * nothing but memory is answered before the handler returns. Subscriptions are left to Yoga.
 */
export function createJsonPostHandler(graphql: GraphqlServer, { mask, leaveToYoga }: JsonPostOptions) {
  const { getResultForParams } = graphql;

  return (req: IncomingMessage, res: ServerResponse, type: string): MaybePromise<void> => {
    const finish = (result: ExecutionResult) => send(res, composeResponse(result, type));
    const fail = (error: unknown) => finish({ errors: [mask(error)] });
    try {
      const params = parseParams(readAttachedBody(req));
      if (maySubscribe(params)) return leaveToYoga(req, res);
      const result = getResultForParams({ params, request: postRequest }, { req, res });
      const finished = continueWith(result as MaybePromise<ExecutionResult>, finish);
      return finished instanceof Promise ? finished.catch(fail) : finished;
    } catch (error) {
      fail(error);
    }
  };
}

/** Whether a request may contain a subscription: the keyword of its operation cannot be written in another way. */
function maySubscribe({ query }: GraphQLParams): boolean {
  return typeof query === 'string' && query.includes('subscription');
}

/** Parses a body. Its errors are those of Yoga. */
function parseParams(body: Buffer): GraphQLParams {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw badRequest('POST body sent invalid JSON.');
  }
  if (typeof value !== 'object' || value === null) {
    throw badRequest(`POST body is expected to be object but received ${value === null ? 'null' : typeof value}`);
  }
  if (Array.isArray(value)) throw badRequest('Batching is not supported.');
  return value;
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

function composeResponse(result: ExecutionResult, type: string): ComposedResponse {
  return processRegularResult(result, composing, type) as unknown as ComposedResponse;
}

function send(response: ServerResponse, { body, status, headers }: ComposedResponse): void {
  if (response.closed || response.destroyed || response.writableEnded) return;
  headers['content-length'] = String(Buffer.byteLength(body));
  response.writeHead(status, headers);
  response.end(body);
}
