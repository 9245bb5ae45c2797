import type { LiveSource } from '../live/live-context.ts';
import type { LiveChange } from '../live/live-events.ts';
import { ObservableValue } from '../shell/observable-value.ts';

const PAUSE_MS = 30_000;

/** Stands for the events that a session may not follow: everything is read again from time to time, while the page is seen. */
export class PolledChanges implements LiveSource {
  readonly status = new ObservableValue<'CONNECTING' | 'LIVE' | 'RECONNECTING'>('LIVE');
  readonly #listeners = new Set<(change: LiveChange) => void>();
  readonly #timer = setInterval(() => {
    if (!document.hidden) this.tellGap();
  }, PAUSE_MS);

  listen(listener: (change: LiveChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  tellGap(): void {
    for (const listener of this.#listeners) listener('GAP');
  }
}
