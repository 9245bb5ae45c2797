/** Runs something at once when it is requested, and then at most once in a time, however often it is requested meanwhile. */
export class Pacer {
  readonly #run: () => void;
  readonly #pauseMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  constructor(run: () => void, pauseMs: number) {
    this.#run = run;
    this.#pauseMs = pauseMs;
  }

  ask(): void {
    this.#isDue = this.#timer !== undefined;
    if (this.#isDue) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isDue) this.ask();
    }, this.#pauseMs);
    this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }
}
