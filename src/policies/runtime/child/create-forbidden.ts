/** Creates the replacement of a forbidden global. Calling it, or reading from it, throws. */
export function createForbidden(name: string): object {
  const refuse = (): never => {
    throw new Error(
      `${name} is not available. Policies are pure: they may use only the facts, the configuration and the moment.`,
    );
  };
  // Not an arrow function, so that `new` reaches the trap.
  const target = Object.freeze(function refusing() {});
  return new Proxy(target, { apply: refuse, construct: refuse, get: refuse, set: refuse });
}
