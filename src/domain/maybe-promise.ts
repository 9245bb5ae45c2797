/** A value that is known already, or a promise of it. A function that returns one may throw as well as reject. */
export type MaybePromise<T> = T | Promise<T>;

/** Continues with a value: at once if it is known already, else when its promise resolves. */
export function continueWith<T, Result>(
  value: MaybePromise<T>,
  proceed: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}
