import { ClientError } from './client-error.ts';
import { postOperation, unreachableGateway, type Connection, type Operation } from './connection.ts';
import { toClientError, type GraphqlResponseError } from './to-client-error.ts';
import { readResponseText } from './read-response-text.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Asks the gateway one query or mutation and gives its data.
 *
 * @throws ClientError of every kind but FAILED: `succeeded` tells what a mutation answered.
 */
export async function sendOperation<Data>(connection: Connection, operation: Operation): Promise<Data> {
  const limit = AbortSignal.timeout(connection.limitMs ?? DEFAULT_TIMEOUT_MS);
  const accept = { Accept: 'application/graphql-response+json' };
  return readData<Data>(connection, await postOperation(connection, operation, accept, limit));
}

/** The data of a whole answer. Throws as `ask` does. */
export async function readData<Data>(connection: Connection, response: Response): Promise<Data> {
  let text: string;
  try {
    text = await readResponseText(response);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachableGateway(connection, error);
  }
  const answer = parseGraphqlResponse(text);
  if (answer?.errors !== undefined) throw toClientError(answer.errors, response);
  if (answer?.data == null) throw unrecognizedResponse(connection, response);
  return answer.data as Data;
}

interface GraphqlResponse {
  readonly data?: unknown;
  readonly errors?: readonly [GraphqlResponseError, ...GraphqlResponseError[]];
}

/** A text as an answer of GraphQL; null: it is none. */
export function parseGraphqlResponse(text: string): GraphqlResponse | null {
  try {
    const answer = JSON.parse(text) as GraphqlResponse | null;
    if (typeof answer !== 'object' || answer === null) return null;
    const { errors } = answer;
    return errors === undefined || typeof errors[0].message === 'string' ? answer : null;
  } catch {
    return null;
  }
}

/** An answer that is none of a gateway: of what stands before it, which may be all that is left of it for now. */
function unrecognizedResponse({ url }: Connection, response: Response): ClientError {
  const { status } = response;
  const found = `${url} answered with status ${String(status)}, and not as a gateway does.`;
  if (status >= 500 || status === 429) return toClientError([{ message: found }], response);
  return new ClientError('UNREADABLE', found);
}
