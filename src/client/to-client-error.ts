import { ClientError } from './client-error.ts';

/** An error as GraphQL answers it. */
export interface GraphqlResponseError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly [name: string]: unknown };
}

/** Codes that say: not now. A fault of the gateway is one too, for the same request may succeed when it is asked again. */
const retryableCodes = ['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'];

/** Nobody is told to wait for longer: a timer of Node that is set for a month goes off at once. */
const RETRY_AFTER_MAX_S = 86_400;

/** What the errors of an answer mean. Of several the first one counts. */
export function toClientError(
  [{ message, extensions: { code: given, ...details } = {} }]: readonly [
    GraphqlResponseError,
    ...GraphqlResponseError[],
  ],
  response: Response,
): ClientError {
  const code = typeof given === 'string' ? given : null;
  const isPassing = code === null ? response.status >= 429 : retryableCodes.includes(code);
  if (!isPassing) return new ClientError('REFUSED', message, { code, details });
  return new ClientError('UNAVAILABLE', message, { code, details, retryAfterMs: readRetryAfterMs(response, details) });
}

/** How long to wait before asking again, in ms, as an answer says it within or ahead of it; null: it does not. */
export function readRetryAfterMs({ headers }: Response, told: { readonly retryAfter?: unknown } = {}): number | null {
  const header = headers.get('retry-after') ?? '';
  const seconds = told.retryAfter ?? (/^\d{1,6}$/.test(header) ? Number(header) : null);
  return typeof seconds === 'number' && seconds >= 0 ? Math.min(seconds, RETRY_AFTER_MAX_S) * 1000 : null;
}
