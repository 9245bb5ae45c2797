import { ClientError } from './client-error.ts';

/** Where a gateway is, and who asks it. */
export interface Connection {
  /** The gateway's base, such as https://keys.example.com; with or without `/graphql` at its end. */
  readonly url: string;
  /**
   * Gives the session token or the secret that is sent; null: nothing is. Asked at each request, so that a fresh one may
   * take the place of an old one; a function also because what it gives is then in nothing that is printed.
   */
  readonly credential: () => string | null | Promise<string | null>;
  /** How long an answer may take to come whole, in ms; 30 s unless told. Streams have a limit of their own. */
  readonly limitMs?: number;
}

/** An operation as it is sent. */
export interface Operation {
  readonly query: string;
  readonly variables?: { readonly [name: string]: unknown };
}

/**
 * Sends one operation to the gateway and gives the answer as it comes, its body unread.
 *
 * @throws ClientError UNREACHABLE when none comes before the signal, REFUSED when the URL is none.
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
        ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
        ...headers,
      },
      body: JSON.stringify(operation),
      // Where a redirect leads is not where the credential was meant to go.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    throw unreachableGateway(connection, error);
  }
}

/** No answer came, or it was cut off. */
export function unreachableGateway({ url }: Pick<Connection, 'url'>, cause: unknown): ClientError {
  return new ClientError('UNREACHABLE', `The gateway at ${url} cannot be reached: ${findReason(cause)}.`, { cause });
}

/**
 * One of a gateway's paths below its base.
 *
 * @throws ClientError REFUSED with the code BAD_URL when the base is no http or https URL, or has a password in it.
 */
export function resolveEndpoint(url: string, path: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ClientError('REFUSED', `${JSON.stringify(url)} is no http or https URL.`, { code: 'BAD_URL' });
  }
  if (new URL(url).username + new URL(url).password !== '') {
    throw new ClientError('REFUSED', 'A URL with user name and password is not taken.', { code: 'BAD_URL' });
  }
  return `${url.replace(/\/+$/, '').replace(/\/graphql$/, '')}${path}`;
}

/** Node's fetch says "fetch failed", and why in the cause. */
function findReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return findReason(cause.errors[0]);
  return cause instanceof Error ? findReason(cause) : error.message;
}
