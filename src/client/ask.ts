import { ClientError } from './client-error.ts';
import { post, unreachable, type Connection, type Operation } from './connection.ts';
import { readErrors, type AnsweredError } from './read-errors.ts';
import { readText } from './read-text.ts';

const DEFAULT_LIMIT_MS = 30_000;

/**
 * Asks the gateway one query or mutation and gives its data.
 *
 * @throws ClientError of every kind but FAILED: `succeeded` tells what a mutation answered.
 */
export async function ask<Data>(connection: Connection, operation: Operation): Promise<Data> {
  const limit = AbortSignal.timeout(connection.limitMs ?? DEFAULT_LIMIT_MS);
  const accept = { Accept: 'application/graphql-response+json' };
  return dataOf<Data>(connection, await post(connection, operation, accept, limit));
}

/** The data of a whole answer. Throws as `ask` does. */
export async function dataOf<Data>(connection: Connection, response: Response): Promise<Data> {
  let text: string;
  try {
    text = await readText(response);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachable(connection, error);
  }
  const answer = parseAnswer(text);
  if (answer?.errors !== undefined) throw readErrors(answer.errors, response);
  if (answer?.data == null) throw notUnderstood(connection, response);
  return answer.data as Data;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly [AnsweredError, ...AnsweredError[]];
}

/** A text as an answer of GraphQL; null: it is none. */
export function parseAnswer(text: string): Answer | null {
  try {
    const answer = JSON.parse(text) as Answer | null;
    if (typeof answer !== 'object' || answer === null) return null;
    const { errors } = answer;
    return errors === undefined || typeof errors[0].message === 'string' ? answer : null;
  } catch {
    return null;
  }
}

/** An answer that is none of a gateway: of what stands before it, which may be all that is left of it for now. */
function notUnderstood({ url }: Connection, response: Response): ClientError {
  const { status } = response;
  const found = `${url} answered with status ${String(status)}, and not as a gateway does.`;
  if (status >= 500 || status === 429) return readErrors([{ message: found }], response);
  return new ClientError('UNREADABLE', found);
}
