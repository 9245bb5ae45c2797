/** An object of a response, by the names of its fields. Any name is a property of its own, also `__proto__`. */
export class ResponseObject {
  [name: string]: unknown;
}
// An object without a prototype would be slower.
Object.setPrototypeOf(ResponseObject.prototype, null);

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Waits for all fields of an object, in place. Rejects with the first of their errors. */
export function settleObject(object: ResponseObject): Promise<ResponseObject> {
  const pending = Object.keys(object).flatMap((name) => {
    const value = object[name];
    if (!isPromiseLike(value)) return [];
    return [
      Promise.resolve(value).then((settled) => {
        object[name] = settled;
      }),
    ];
  });
  return Promise.all(pending).then(() => object);
}
