/**
 * The store cannot be opened, for a reason that the operator can do something about. The message is whole by itself: what
 * was found, and what to do. It holds no password.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
