import { useState } from 'react';
import { useClient, type AnyVariables, type TypedDocumentNode } from 'urql';
import { errorMessageOf } from './client.ts';

/** The failure that a mutation returns as data. */
interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface ChangeState {
  readonly isRunning: boolean;
  /** Why the last attempt failed, for people; null: it did not. */
  readonly problem: string | null;
}

/**
 * Returns how to run a mutation, and what becomes of it. Its result stays in no cache: it may be a secret. Resolves with the
 * success, or with null after a failure.
 */
export function useChange<Name extends string, Result extends object, Variables extends AnyVariables>(
  document: TypedDocumentNode<{ readonly [name in Name]: Result }, Variables>,
  name: Name,
) {
  const client = useClient();
  const [state, setState] = useState<ChangeState>({ isRunning: false, problem: null });
  const run = async (variables: Variables): Promise<Exclude<Result, Failure> | null> => {
    setState({ isRunning: true, problem: null });
    const { data, error } = await client.mutation(document, variables).toPromise();
    const outcome = data?.[name];
    if (outcome == null) {
      setState({ isRunning: false, problem: error === undefined ? 'The request failed.' : errorMessageOf(error) });
      return null;
    }
    const isFailed = 'code' in outcome && 'message' in outcome;
    setState({ isRunning: false, problem: isFailed ? String(outcome.message) : null });
    return isFailed ? null : (outcome as Exclude<Result, Failure>);
  };
  return [run, state] as const;
}

/** Returns a text that names one request: sent again after a lost response, it changes nothing twice. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
