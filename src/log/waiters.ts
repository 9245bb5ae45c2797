/** Callers that wait for the same thing to progress. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Releases all waiting callers. */
  wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next wake-up, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
