/**
 * The store cannot be opened, for a reason that the operator can fix. The message is complete by itself: what was
 * found, and what to do. It holds no password.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Returns an error's message. Failed attempts on several addresses come as one AggregateError without a message. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join(', ');
  return error instanceof Error ? error.message : String(error);
}
