import { ClientError } from './client-error.ts';

/** The address of a gateway, and the credential to use. */
export interface Connection {
  /** Base URL of the gateway, such as https://keys.example.com; a trailing `/graphql` is accepted. */
  readonly url: string;
  /**
   * Returns the session token or secret to send; null: send none. Called for each request, so that a fresh credential
   * can replace an old one. A function also keeps the credential out of printed objects.
   */
  readonly credential: () => string | null | Promise<string | null>;
  /** Time limit for a complete response in ms; default 30 s. Streams have a limit of their own. */
  readonly limitMs?: number;
}

/** A GraphQL operation. */
export interface Operation {
  readonly query: string;
  readonly variables?: { readonly [name: string]: unknown };
}

/**
 * Sends an operation and returns the response with its body unread.
 *
 * @throws ClientError UNREACHABLE if no response arrives before `signal` aborts, REFUSED if the URL is invalid.
 */
export async function postOperation(
  connection: Connection,
  operation: Operation,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const credential = await connection.credential();
  const endpoint = resolveEndpoint(connection.url, '/graphql');
  try {
    return await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(credential === null ? {} : { Authorization: `Bearer ${credential.trim()}` }),
        ...headers,
      },
      body: JSON.stringify(operation),
      // A redirect could send the credential to another host.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    throw unreachableGateway(connection, error);
  }
}

/** Returns the error for a missing or truncated response. */
export function unreachableGateway({ url }: Pick<Connection, 'url'>, cause: unknown): ClientError {
  return new ClientError('UNREACHABLE', `The gateway at ${url} cannot be reached: ${findReason(cause)}.`, { cause });
}

/**
 * Resolves a path of the gateway.
 *
 * @throws ClientError REFUSED with the code BAD_URL if the base URL is not http or https, or contains a user name or
 *   password.
 */
export function resolveEndpoint(url: string, path: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ClientError('REFUSED', `url: found ${JSON.stringify(url)}; expected an http or https URL.`, {
      code: 'BAD_URL',
    });
  }
  if (new URL(url).username + new URL(url).password !== '') {
    throw new ClientError('REFUSED', 'url: found a user name or password; expected a URL without them.', {
      code: 'BAD_URL',
    });
  }
  return `${url.replace(/\/+$/, '').replace(/\/graphql$/, '')}${path}`;
}

/** Returns the reason of a failed fetch: Node reports "fetch failed", with the reason in the cause. */
function findReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return findReason(cause.errors[0]);
  return cause instanceof Error ? findReason(cause) : error.message;
}
