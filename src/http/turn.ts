/** An answer whose last bytes wait for the end of a turn. */
export interface WaitingAnswer {
  finish(): void;
}

/**
 * Handles the requests of one turn of the event loop together, and then writes their answers together: between reads and
 * writes the code would run with cold caches. A request waits only for those that arrived in the same turn.
 */
export class Turn<Request> {
  readonly #handle: (request: Request) => void;
  readonly #onScheduled: () => void;
  #requests: Request[] = [];
  #answers: WaitingAnswer[] = [];
  #isHandling = false;

  /**
   * `handle` must not throw. `onScheduled` is called when a turn has its first request: what it schedules by setImmediate
   * runs right after the turn.
   */
  constructor(handle: (request: Request) => void, onScheduled: () => void) {
    this.#handle = handle;
    this.#onScheduled = onScheduled;
  }

  /** Adds a request that has arrived as a whole. */
  add(request: Request): void {
    if (this.#requests.push(request) > 1) return;
    setImmediate(() => this.#run());
    this.#onScheduled();
  }

  /** Lets an answer wait for the others of the turn. Returns false if no turn is handled now. */
  defer(answer: WaitingAnswer): boolean {
    if (this.#isHandling) this.#answers.push(answer);
    return this.#isHandling;
  }

  #run(): void {
    const requests = this.#requests;
    this.#requests = [];
    this.#isHandling = true;
    for (const request of requests) this.#handle(request);
    this.#isHandling = false;
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) answer.finish();
  }
}
