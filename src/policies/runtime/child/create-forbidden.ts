/** What stands in the place of all that a pure function has no business with: to call it or read from it throws. */
export function createForbidden(name: string): object {
  const refuse = (): never => {
    throw new Error(`${name} is not there: policies are pure, they know nothing but facts, configuration and moment.`);
  };
  // An arrow function could not be called with `new`.
  const target = Object.freeze(function refusing() {});
  return new Proxy(target, { apply: refuse, construct: refuse, get: refuse, set: refuse });
}
