/**
 * Makes an async generator from two functions. Its `return` takes effect at once, also while `next` is pending; a
 * generator function would first wait for the promise that it awaits.
 */
export function makeInterruptible<Item>(
  next: () => Promise<IteratorResult<Item, void>>,
  leave: () => Promise<unknown>,
): AsyncGenerator<Item, void, void> {
  const end = async () => {
    await leave();
    return { done: true, value: undefined } as const;
  };
  return {
    next,
    return: end,
    async throw(error: unknown) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
}
