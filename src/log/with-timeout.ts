/**
 * Returns what the promise resolves to within `ms` of real time, and rejects after that. Does not cancel the work
 * behind the promise.
 */
export async function withTimeout<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error(`The database did not respond within ${ms} ms.`)),
    ms,
  ).unref();
  return Promise.race([promise, timeout.promise]).finally(() => clearTimeout(timer));
}
