import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Runs something as part of a request, so that what fails inside it is logged with the request's id. */
export function runInRequest<Result>(requestId: string, run: () => Result): Result {
  return scope.run({ requestId }, run);
}

/** The id of the request under way. */
export function currentRequestId(): string {
  return scope.getStore()?.requestId ?? 'none';
}
