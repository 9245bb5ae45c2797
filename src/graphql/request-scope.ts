import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Runs a function as part of a request: `currentRequestId` returns the request's id inside it, for logs and errors. */
export function runInRequest<Result>(requestId: string, run: () => Result): Result {
  return scope.run({ requestId }, run);
}

/** Returns the id of the current request, or `none` outside a request. */
export function currentRequestId(): string {
  return scope.getStore()?.requestId ?? 'none';
}
