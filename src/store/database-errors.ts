const marked = new WeakSet<object>();

/**
 * Marks an error of a database connection. Errors of sockets, files and processes have the same codes whatever they
 * belong to, so the code alone does not say that the database is unavailable.
 */
export function markDatabaseError(error: unknown): void {
  if (typeof error === 'object' && error !== null) marked.add(error);
}

/** Returns whether an error was marked. */
export function isDatabaseError(error: object): boolean {
  return marked.has(error);
}
