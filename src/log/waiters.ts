/** Those who wait for the same thing to move on. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Lets all of them go. */
  wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves with the next wake, or when the signal aborts. */
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
