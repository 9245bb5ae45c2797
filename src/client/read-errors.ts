import { ClientError } from './client-error.ts';

/** An error as GraphQL answers it. */
export interface AnsweredError {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly [name: string]: unknown };
}

/** Codes that say: not now. A fault of the gateway is one too, for the same request may succeed when it is asked again. */
const passing = ['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'];

/** What the errors of an answer mean. Of several the first one counts. */
export function readErrors(
  [{ message, extensions: { code: given, ...details } = {} }]: readonly [AnsweredError, ...AnsweredError[]],
  response: Response,
): ClientError {
  const code = typeof given === 'string' ? given : null;
  const isPassing = code === null ? response.status >= 429 : passing.includes(code);
  if (!isPassing) return new ClientError('REFUSED', message, { code, details });
  return new ClientError('UNAVAILABLE', message, { code, details, retryAfterMs: retryAfter(response, details) });
}

function retryAfter({ headers }: Response, { retryAfter }: { readonly retryAfter?: unknown }): number | null {
  if (typeof retryAfter === 'number') return retryAfter * 1000;
  const header = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
