import { ClientError } from './client-error.ts';
import { postOperation, unreachableGateway, type Connection, type Operation } from './connection.ts';
import { toClientError, type GraphqlResponseError } from './to-client-error.ts';
import { readResponseText } from './read-response-text.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Sends a query or mutation and returns its data.
 *
 * @throws ClientError of every kind except FAILED: `succeeded` checks the result of a mutation.
 */
export async function sendOperation<Data>(connection: Connection, operation: Operation): Promise<Data> {
  const timeout = AbortSignal.timeout(connection.limitMs ?? DEFAULT_TIMEOUT_MS);
  const accept = { Accept: 'application/graphql-response+json' };
  return readData<Data>(connection, await postOperation(connection, operation, accept, timeout));
}

/** Reads the data of a complete response. Throws as `sendOperation` does. */
export async function readData<Data>(connection: Connection, response: Response): Promise<Data> {
  let text: string;
  try {
    text = await readResponseText(response);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachableGateway(connection, error);
  }
  const result = parseGraphqlResponse(text);
  if (result?.errors !== undefined) throw toClientError(result.errors, response);
  if (result?.data == null) throw unrecognizedResponse(connection, response);
  return result.data as Data;
}

interface GraphqlResponse {
  readonly data?: unknown;
  readonly errors?: readonly [GraphqlResponseError, ...GraphqlResponseError[]];
}

/** Parses a GraphQL response; null: the text is not one. */
export function parseGraphqlResponse(text: string): GraphqlResponse | null {
  try {
    const result = JSON.parse(text) as GraphqlResponse | null;
    if (typeof result !== 'object' || result === null) return null;
    const { errors } = result;
    return errors === undefined || typeof errors[0].message === 'string' ? result : null;
  } catch {
    return null;
  }
}

/**
 * Returns the error for a response that is not a GraphQL response. A proxy in front of the gateway may have sent it, so
 * 429 and 5xx count as temporary.
 */
function unrecognizedResponse({ url }: Connection, response: Response): ClientError {
  const { status } = response;
  const message = `${url} returned status ${String(status)} and no GraphQL response.`;
  if (status >= 500 || status === 429) return toClientError([{ message }], response);
  return new ClientError('UNREADABLE', message);
}
