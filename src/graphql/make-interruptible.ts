/**
 * An async generator of two functions. One that is written with `yield` sees its return only when what it waits for has
 * come; this one is left at once.
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
