import { useRef, useState } from 'react';
import { useClient, type AnyVariables, type CombinedError, type TypedDocumentNode } from 'urql';
import { askPassword, needsPassword } from '../session/password-again.ts';
import { errorMessageOf } from './client.ts';

const NO_PASSWORD = 'Nothing was changed: this change needs your password.';

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
 * Returns how to run a mutation, and what becomes of it. Its result stays in no cache: it may be a secret. If the mutation needs
 * the person's password again, a dialog asks for it, and the mutation is sent once more. Resolves with the success, or with null
 * after a failure.
 */
export function useChange<Name extends string, Result extends object, Variables extends AnyVariables>(
  document: TypedDocumentNode<{ readonly [name in Name]: Result }, Variables>,
  name: Name,
) {
  const client = useClient();
  const [state, setState] = useState<ChangeState>({ isRunning: false, problem: null });
  const run = async (variables: Variables): Promise<Exclude<Result, Failure> | null> => {
    setState({ isRunning: true, problem: null });
    const send = () => client.mutation(document, variables).toPromise();
    let result = await send();
    if (needsPassword(result.error)) {
      if (!(await askPassword())) {
        setState({ isRunning: false, problem: NO_PASSWORD });
        return null;
      }
      result = await send();
    }
    const { data, error } = result;
    const outcome = data?.[name];
    if (outcome == null) {
      setState({ isRunning: false, problem: whyNoOutcome(error) });
      return null;
    }
    const isFailed = 'code' in outcome && 'message' in outcome;
    setState({ isRunning: false, problem: isFailed ? String(outcome.message) : null });
    return isFailed ? null : (outcome as Exclude<Result, Failure>);
  };
  return [run, state] as const;
}

/** Returns why a mutation returned nothing. A response that is lost says nothing about the change. */
function whyNoOutcome(error: CombinedError | undefined): string {
  if (error === undefined) return 'The request failed.';
  return error.networkError === undefined
    ? errorMessageOf(error)
    : 'The gateway did not answer, so this may be done or not. Try again: it is not done twice.';
}

/** Returns a text that names one request: sent again after a lost response, it changes nothing twice. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

/** Returns a function that names the requests of a form by their input, as `newIdempotencyKey` does: the same input has the same name. */
export function useRequestNames(): (input: object) => string {
  const names = useRef(new Map<string, string>());
  return (input) => {
    const text = JSON.stringify(input);
    const name = names.current.get(text) ?? newIdempotencyKey();
    names.current.set(text, name);
    return name;
  };
}
