/**
 * What a promise gives within so many ms of the machine's own time; rejects when that is over, whatever becomes of the
 * promise afterwards.
 */
export async function withTimeout<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`The database has not answered for ${ms} ms.`)), ms).unref();
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
