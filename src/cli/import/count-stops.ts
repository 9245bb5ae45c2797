import { DAY_MS } from '../../domain/duration.ts';

/** How many keys stop by themselves on each day, and how many never. */
export interface StopDays {
  readonly days: readonly (readonly [day: string, count: number])[];
  readonly withoutStop: number;
}

/** Counts on which day imported keys stop by themselves. */
export class StopCounts {
  readonly #days: Map<string, number>;
  #withoutStop: number;

  /** Continues to count from what was counted before. */
  constructor({ days, withoutStop }: StopDays) {
    this.#days = new Map(days);
    this.#withoutStop = withoutStop;
  }

  /** Returns what was counted, for the journal. */
  counted(): StopDays {
    return { days: [...this.#days], withoutStop: this.#withoutStop };
  }

  add(stopsAt: string | null): void {
    if (stopsAt === null) {
      this.#withoutStop += 1;
      return;
    }
    const day = stopsAt.slice(0, 10);
    this.#days.set(day, (this.#days.get(day) ?? 0) + 1);
  }

  /** Returns the days in order, with how many keys stop on each. */
  days(): readonly { readonly day: string; readonly count: number }[] {
    return [...this.#days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([day, count]) => ({ day, count }));
  }

  /** Returns how many keys stop within some days, and how many later or never. */
  summarize(now: Date): readonly (readonly [when: string, count: string])[] {
    const within = (days: number) => new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
    let counted = 0;
    const rows = [30, 90, 365].map((days) => {
      const until = within(days);
      const count = this.days().reduce((sum, one) => (one.day <= until ? sum + one.count : sum), 0) - counted;
      counted += count;
      return [`within ${days} days`, String(count)] as const;
    });
    const all = [...this.#days.values()].reduce((sum, count) => sum + count, 0);
    return [...rows, ['later', String(all - counted)], ['no stop', String(this.#withoutStop)]];
  }
}
