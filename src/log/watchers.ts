import type { Cancel } from '../store/clock.ts';

/** Functions that are called with news, until each is cancelled. One that throws does not keep news from the others. */
export class Watchers<News> {
  readonly #watchers = new Set<(news: News) => void>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(watcher: (news: News) => void): Cancel {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  call(news: News): void {
    for (const watcher of this.#watchers) {
      try {
        watcher(news);
      } catch (error) {
        this.#onFailure(error);
      }
    }
  }
}
