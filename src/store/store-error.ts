/**
 * The store cannot be opened, for a reason that the operator can fix. The message is complete by itself: what was
 * found, and what to do. It holds no password.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
